import type { BtfTypes } from '../btf-types.ts';
import { essentialName, SEPARATOR } from './names.ts';

/** A type of the target that may stand for one of the object's. */
export interface Candidate {
  readonly types: BtfTypes;
  readonly id: number;
}

/**
 * Finds types by their names without flavours. Kept for as long as the types are, so that every object after the first
 * finds it ready.
 */
class CandidateIndex {
  readonly #types: BtfTypes;
  readonly #found = new Map<string, readonly number[]>();
  constructor(types: BtfTypes) {
    this.#types = types;
  }

  /** Numbers of the types with this essential name, in ascending order, those of the base not included. */
  find(essential: string): readonly number[] {
    const known = this.#found.get(essential);
    if (known !== undefined) return known;
    const flavoured = this.#types
      .ownIdsBeginningWith(essential + SEPARATOR)
      .filter((id) => essentialName(this.#types.nameOf(id)) === essential);
    const ids = [...this.#types.ownIdsByName(essential, 'type'), ...flavoured];
    ids.sort((a, b) => a - b);
    this.#found.set(essential, ids);
    return ids;
  }
}

const indexes = new WeakMap<BtfTypes, CandidateIndex>();

/**
 * Numbers of the types (functions and variables are none) with this name, flavours aside, in ascending order; those of
 * a base not included.
 */
export function candidateIds(types: BtfTypes, essential: string): readonly number[] {
  let index = indexes.get(types);
  if (index === undefined) {
    index = new CandidateIndex(types);
    indexes.set(types, index);
  }
  return index.find(essential);
}
