import type { ElfRelocation, ElfSection } from '../../elf/index.ts';
import { BPF_RELOCATION } from '../../elf/index.ts';
import { nameOf, type ObjectContext, type PlacedVariable, placedVariables, pointee } from './context.ts';
import type { DataSections } from './data-maps.ts';
import type { UnsetPointer } from './types.ts';

/** The variable that contains an offset. @param variables - sorted by offset */
function variableAt(variables: readonly PlacedVariable[], offset: number): PlacedVariable | undefined {
  let [from, to] = [0, variables.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((variables[middle]?.offset ?? 0) <= offset) from = middle + 1;
    else to = middle;
  }
  const found = variables[from - 1];
  return found !== undefined && offset < found.offset + found.size ? found : undefined;
}

function targetOf(context: ObjectContext, section: ElfSection, relocation: ElfRelocation): string {
  const symbol = pointee(context, section, relocation);
  if (symbol.type !== 'section') return nameOf(context, symbol);
  return context.elf.sectionOf(symbol)?.name ?? symbol.name;
}

/** The pointers in global variables. No load can set them: maps, functions and variables have no address for that. */
export function unsetPointers(context: ObjectContext, data: DataSections): UnsetPointer[] {
  const found: UnsetPointer[] = [];
  for (const [section, map] of data) {
    const relocations = context.elf.relocations(section);
    if (relocations.length === 0) continue;
    const variables = placedVariables(context, section);
    for (const relocation of relocations) {
      const { offset, type } = relocation;
      if (type === BPF_RELOCATION.none) continue;
      const variable = variableAt(variables, offset);
      const target = targetOf(context, section, relocation);
      found.push({ map, offset, variable: variable?.name, target });
    }
  }
  return found;
}
