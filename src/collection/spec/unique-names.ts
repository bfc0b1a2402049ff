import type { ElfFile, ElfSymbol } from '../../elf/index.ts';

/** Symbols by name: the first symbol of each name, and all symbols of each shared name. */
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
 * New names for static functions, variables and maps that share a name: in a linked object, each file may have its own
 * `seen`. The one that is not static keeps the name; if all are static, the first does. Section and offset are added to
 * the names of the others: `seen@.bss+4`.
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
    // Labels in instructions name neither functions nor variables.
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

/** Renames all symbols of one name except the one that keeps it. */
function rename({ sections }: ElfFile, symbols: ElfSymbol[], names: Map<ElfSymbol, string>): void {
  symbols.sort((a, b) => a.sectionIndex - b.sectionIndex || a.value - b.value);
  const keeps = symbols.find(({ binding }) => binding !== 'local') ?? symbols[0];
  for (const symbol of symbols) {
    if (symbol === keeps || symbol.binding !== 'local') continue;
    const section = sections[symbol.sectionIndex]?.name ?? '';
    names.set(symbol, `${symbol.name}@${section}+${symbol.value}`);
  }
}
