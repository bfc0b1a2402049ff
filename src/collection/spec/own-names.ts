import type { ElfFile, ElfSymbol } from '../../elf/index.ts';

/** What a symbol names here; functions and variables may share a name. */
function kindOf(elf: ElfFile, { name, type, ...symbol }: ElfSymbol): 'f' | 'v' | undefined {
  if (name === '' || typeof type === 'number' || type === 'section' || type === 'file') return undefined;
  const section = elf.sections[symbol.sectionIndex];
  if (section === undefined || section.index === 0) return undefined;
  if (section.executable) return type === 'function' ? 'f' : undefined;
  return type === 'function' ? undefined : 'v';
}

/**
 * The names of static functions, variables and maps that share theirs with another: in a linked object each file may
 * have its own `seen`. What is not static keeps its name, else the first of them does; the others have section and
 * offset as well: `seen@.bss+4`.
 */
export function ownNames(elf: ElfFile): ReadonlyMap<ElfSymbol, string> {
  const first = new Map<string, ElfSymbol>();
  const shared = new Map<string, ElfSymbol[]>();
  for (const symbol of elf.symbols) {
    const kind = kindOf(elf, symbol);
    if (kind === undefined) continue;
    const key = kind + symbol.name;
    const before = first.get(key);
    if (before === undefined) {
      first.set(key, symbol);
      continue;
    }
    const known = shared.get(key);
    if (known === undefined) shared.set(key, [before, symbol]);
    else known.push(symbol);
  }
  const names = new Map<ElfSymbol, string>();
  for (const symbols of shared.values()) {
    symbols.sort((a, b) => a.sectionIndex - b.sectionIndex || a.value - b.value);
    const keeps = symbols.find(({ binding }) => binding !== 'local') ?? symbols[0];
    for (const symbol of symbols) {
      if (symbol === keeps || symbol.binding !== 'local') continue;
      const section = elf.sections[symbol.sectionIndex]?.name ?? '';
      names.set(symbol, `${symbol.name}@${section}+${symbol.value}`);
    }
  }
  return names;
}
