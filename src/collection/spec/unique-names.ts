import type { ElfFile, ElfSymbol } from '../../elf/index.ts';

/** Symbols by their names: the first of each, and all of those that share one. */
class Names {
  readonly #first = new Map<string, ElfSymbol>();
  readonly shared: Map<string, ElfSymbol[]> = new Map();

  add(symbol: ElfSymbol): void {
    const { name } = symbol;
    const before = this.#first.get(name);
    if (before === undefined) {
      this.#first.set(name, symbol);
      return;
    }
    const known = this.shared.get(name);
    if (known === undefined) this.shared.set(name, [before, symbol]);
    else known.push(symbol);
  }
}

const NONE: ReadonlyMap<ElfSymbol, never> = new Map<ElfSymbol, never>();

/**
 * New names for static functions, variables and maps that share theirs with another: in a linked object each file may
 * have its own `seen`. The one that is not static keeps its name, or else the first. The others get section and offset as
 * well: `seen@.bss+4`.
 */
export function uniqueNames(elf: ElfFile): ReadonlyMap<ElfSymbol, string> {
  const [functions, variables] = [new Names(), new Names()];
  const { symbols, sections } = elf;
  for (let i = 0; i < symbols.length; i++) {
    const symbol = symbols[i] as ElfSymbol;
    const { type, name, sectionIndex } = symbol;
    const isFunction = type === 'function';
    if (name === '' || sectionIndex === 0 || !(isFunction || type === 'object' || type === 'notype'))
      continue;
    // Labels in instructions are nobody's names.
    if (sections[sectionIndex]?.executable !== isFunction) continue;
    if (isFunction) functions.add(symbol);
    else variables.add(symbol);
  }
  if (functions.shared.size === 0 && variables.shared.size === 0) return NONE;
  const names = new Map<ElfSymbol, string>();
  for (const shared of [...functions.shared.values(), ...variables.shared.values()])
    rename(elf, shared, names);
  return names;
}

/** Finds names for all symbols of one name but one. */
function rename({ sections }: ElfFile, symbols: ElfSymbol[], names: Map<ElfSymbol, string>): void {
  symbols.sort((a, b) => a.sectionIndex - b.sectionIndex || a.value - b.value);
  const keeps = symbols.find(({ binding }) => binding !== 'local') ?? symbols[0];
  for (const symbol of symbols) {
    if (symbol === keeps || symbol.binding !== 'local') continue;
    const section = sections[symbol.sectionIndex]?.name ?? '';
    names.set(symbol, `${symbol.name}@${section}+${symbol.value}`);
  }
}
