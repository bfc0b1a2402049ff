import type { BtfTypes } from '../btf-types.ts';
import type { BtfKind } from '../types.ts';
import { essentialName, SEPARATOR } from './names.ts';
import { sameKind } from './pair.ts';

/** A type of the target that may stand for one of the object's. */
export interface Candidate {
  readonly types: BtfTypes;
  readonly id: number;
}

/**
 * Results of searches by names without flavours. Kept as long as the types, so that every later object finds them
 * ready.
 */
const known = new WeakMap<BtfTypes, Map<string, readonly number[]>>();

/**
 * Numbers of the types with this name, flavours aside, in ascending order. Without functions and variables, and without
 * types of a base.
 */
export function candidateIds(types: BtfTypes, essential: string): readonly number[] {
  let found = known.get(types);
  if (found === undefined) {
    found = new Map();
    known.set(types, found);
  }
  let ids = found.get(essential);
  if (ids === undefined) {
    const flavoured = types
      .ownIdsBeginningWith(essential + SEPARATOR)
      .filter((id) => essentialName(types.nameOf(id)) === essential);
    ids = [...types.ownIdsByName(essential, 'type'), ...flavoured].sort((a, b) => a - b);
    found.set(essential, ids);
  }
  return ids;
}

/** The types of a kind with this name, flavours aside. Without those of a base. */
export function candidatesIn(types: BtfTypes, essential: string, kind: BtfKind): Candidate[] {
  const found: Candidate[] = [];
  for (const id of candidateIds(types, essential)) {
    if (sameKind(types.kindOf(id), kind)) found.push({ types, id });
  }
  return found;
}
