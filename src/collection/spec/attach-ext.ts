import { slotsOf } from '../../asm/index.ts';
import type { BtfExt } from '../../btf/index.ts';
import type { FunctionSpec } from './types.ts';

const SLOT = 8;

/** By offset in the section. */
function byOffset<T extends { readonly offset: number }>(records: readonly T[]): Map<number, T> {
  const found = new Map<number, T>();
  for (const record of records) found.set(record.offset, record);
  return found;
}

/** Gives instructions what .BTF.ext says of them: source lines and CO-RE relocations; and functions their types. */
export function attachExt(functions: readonly FunctionSpec[], ext: BtfExt): void {
  for (const section of new Set(functions.map((fn) => fn.section))) {
    const lines = byOffset(ext.lines(section));
    const relocations = byOffset(ext.relocations(section));
    const types = byOffset(ext.functions(section));
    for (const fn of functions) {
      if (fn.section !== section) continue;
      fn.typeId = types.get(fn.offset)?.typeId ?? fn.typeId;
      let at = fn.offset;
      for (const instruction of fn.instructions) {
        const line = lines.get(at);
        if (line !== undefined) instruction.source = line;
        const relocation = relocations.get(at);
        if (relocation !== undefined) instruction.core = relocation;
        at += SLOT * slotsOf(instruction);
      }
    }
  }
}
