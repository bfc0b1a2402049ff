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
 * What was found in types by names without flavours. Kept for as long as the types are, so that every object after the
 * first finds it ready.
 */
const known = new WeakMap<BtfTypes, Map<string, readonly number[]>>();

/**
 * Numbers of the types (functions and variables are none) with this name, flavours aside, in ascending order; those of
 * a base not included.
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

/** The types of a kind with this name, flavours aside; those of a base not included. */
export function candidatesIn(types: BtfTypes, essential: string, kind: BtfKind): Candidate[] {
  const found: Candidate[] = [];
  for (const id of candidateIds(types, essential)) {
    if (sameKind(types.kindOf(id), kind)) found.push({ types, id });
  }
  return found;
}
