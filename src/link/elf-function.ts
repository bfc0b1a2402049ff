import { closeSync, fstatSync, openSync } from 'node:fs';
import { ElfFile, type ElfSymbol } from '../elf/index.ts';
import { BpfError, didYouMean } from '../errors/index.ts';
import { MemoryMap } from '../sys/index.ts';

/** Symbols that stand for code: functions, and those that choose one at load (STT_GNU_IFUNC). */
const isFunction = ({ type, sectionIndex }: ElfSymbol): boolean =>
  (type === 'function' || type === 10) && sectionIndex !== 0;

/** First the symbols that every library has, then those of the larger table. */
function* symbolsOf(elf: ElfFile): Iterable<ElfSymbol> {
  yield* elf.dynamicSymbols;
  yield* elf.symbols;
}

function offsetIn(elf: ElfFile, name: string, path: string): number {
  const names: string[] = [];
  for (const symbol of symbolsOf(elf)) {
    if (!isFunction(symbol)) continue;
    const section = elf.sectionOf(symbol);
    // Symbols of programs and libraries have addresses; the kernel wants the place in the file.
    if (symbol.name === name && section !== undefined) return symbol.value - section.address + section.offset;
    names.push(symbol.name);
  }
  const hint =
    names.length === 0
      ? ': it was stripped of its symbols: give an offset in the file'
      : didYouMean(name, names.slice(0, 20_000));
  throw new BpfError(`Cannot find function "${name}" in ${path}${hint}`, { code: 'ERR_BPF_NO_SYMBOL' });
}

/**
 * Where in an ELF program or library a function starts, in bytes from the start of the file.
 *
 * @throws BpfError `ERR_BPF_NO_SYMBOL` when it has no such function; FormatError; the file system's errors
 */
export function functionOffset(path: string, name: string): number {
  const fd = openSync(path, 'r');
  try {
    // Mapped, not read: programs are large, and only the symbols are looked at.
    const length = fstatSync(fd).size;
    using memory = MemoryMap.map(fd, path, { length, shared: false });
    return offsetIn(ElfFile.parse(new Uint8Array(memory.buffer, 0, length), { file: path }), name, path);
  } finally {
    closeSync(fd);
  }
}
