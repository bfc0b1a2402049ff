import { readHeader } from '../../elf/header.ts';
import { ElfFile, SECTION_TYPE } from '../../elf/index.ts';
import { BpfError, unreadable } from '../../errors/index.ts';

const { closeSync, constants, fstatSync, openSync, readSync } = process.getBuiltinModule('node:fs');

/** Larger than any program. There is a limit because the file's bytes are one array. */
const LARGEST = 2 ** 32;
/** The size of the larger header, the 64-bit one. */
const HEADER_ROOM = 64;

/** A file that is read only in parts. The other parts stay zero and take no memory. */
class PartlyRead {
  readonly bytes: Uint8Array;
  readonly #fd: number;

  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.bytes = new Uint8Array(size);
  }

  read(offset: number, length: number): void {
    const end = Math.min(offset + length, this.bytes.length);
    for (let at = offset; at < end; ) {
      const count = readSync(this.#fd, this.bytes, at, Math.min(end - at, 2 ** 30), at);
      // The file has become shorter.
      if (count === 0) return;
      at += count;
    }
  }
}

/** The types of sections that dynamic symbols and USDT probes need. The names of the larger symbol table are not among them. */
const DYNAMIC: ReadonlySet<number> = new Set([
  SECTION_TYPE.dynsym,
  SECTION_TYPE.versym,
  SECTION_TYPE.verdef,
  SECTION_TYPE.strtab,
  SECTION_TYPE.note,
]);

/** A program or library. Only the parts that are needed are read; everything else reads as zeros. */
export class ElfSymbols {
  readonly #file: PartlyRead;
  readonly #path: string;
  /** The file with its dynamic symbols and notes only. */
  readonly dynamic: ElfFile;
  #all: ElfFile | undefined;

  constructor(fd: number, size: number, path: string) {
    const file = new PartlyRead(fd, size);
    const { bytes } = file;
    file.read(0, HEADER_ROOM);
    const { segments, sections } = readHeader(bytes, path);
    file.read(segments.start, segments.count * segments.entrySize);
    // Count 0: there may be more sections than the header can count.
    file.read(sections.start, sections.count === 0 ? size : sections.count * sections.entrySize);
    // The names of sections have not been read yet: here they are empty.
    const headers = ElfFile.parse(bytes, { file: path });
    const larger = headers.sections.find(({ type }) => type === SECTION_TYPE.symtab);
    for (const { type, index, data } of headers.sections) {
      if (DYNAMIC.has(type) && index !== larger?.link) file.read(data.byteOffset, data.length);
    }
    this.#file = file;
    this.#path = path;
    this.dynamic = ElfFile.parse(bytes, { file: path });
  }

  /** The file with the larger symbol table too, which stripped files do not have. */
  get all(): ElfFile {
    if (this.#all === undefined) {
      const { sections } = this.dynamic;
      for (const table of sections.filter(({ type }) => type === SECTION_TYPE.symtab)) {
        for (const { data } of [table, sections[table.link] ?? table]) {
          this.#file.read(data.byteOffset, data.length);
        }
      }
      this.#all = ElfFile.parse(this.#file.bytes, { file: this.#path });
    }
    return this.#all;
  }
}

/**
 * Opens a program or library for its symbols. The file is read and not mapped: if somebody shortened a mapped file,
 * reading it would kill this process.
 *
 * @param shown - the file in messages
 * @throws FormatError; BpfError with the file system's code, or `ERR_BPF_NOT_A_FILE` for folders, pipes, devices and
 *   files of more than 4 GiB
 */
export function withElfSymbols<T>(path: string, use: (symbols: ElfSymbols) => T, shown: string = path): T {
  let fd: number;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for its other end.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw unreadable(`the functions of ${shown}`, cause);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > LARGEST) {
      const problem = stat.isFile() ? `it is too large: ${stat.size} bytes` : 'it is not a regular file';
      throw new BpfError(`Cannot read the functions of ${shown}: ${problem}`, { code: 'ERR_BPF_NOT_A_FILE' });
    }
    return use(new ElfSymbols(fd, stat.size, shown));
  } finally {
    closeSync(fd);
  }
}
