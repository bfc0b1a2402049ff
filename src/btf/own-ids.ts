import type { BtfTypes } from './btf-types.ts';
import { kindOfInfo } from './type-index.ts';
import { BTF_KINDS, type BtfKind } from './types.ts';

/**
 * Numbers of the types of these kinds in ascending order, without those of the base. Found in one pass over the words,
 * without looking any type up.
 */
export function ownIdsOfKind(types: BtfTypes, ...kinds: readonly BtfKind[]): number[] {
  const { words, starts } = types.parts();
  const first = types.count - starts.length + 1;
  let wanted = 0;
  for (const kind of kinds) wanted |= 1 << BTF_KINDS.indexOf(kind);
  const found: number[] = [];
  for (let i = 0; i < starts.length; i++) {
    const kind = kindOfInfo(words[(starts[i] as number) + 1] as number);
    if (((wanted >>> kind) & 1) === 1) found.push(first + i);
  }
  return found;
}
