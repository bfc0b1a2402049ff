import type { BtfTypes } from '../btf-types.ts';
import type { NewBtfType } from '../encode.ts';
import { referencesOf, withReferences } from '../references.ts';
import { Merger, type TypeStore } from './merger.ts';

/** The types that receive the copies. */
export interface ImportTarget extends TypeStore {
  /** The BTF that the copies continue. */
  readonly base: BtfTypes | undefined;
  /** Types with the numbers after `baseCount`. Copies go to the end. */
  readonly own: NewBtfType[];
}

/** Copies types with all they refer to, except those that are already there. */
export class Importer {
  readonly #target: ImportTarget;
  readonly #merger: Merger;
  readonly #imported = new WeakMap<BtfTypes, Map<number, number>>();

  constructor(target: ImportTarget) {
    this.#target = target;
    this.#merger = new Merger(target);
  }

  /** @returns the number of the copy, or of the equal type */
  import(types: BtfTypes, id: number): number {
    const known = this.#imported.get(types) ?? new Map<number, number>();
    this.#imported.set(types, known);
    const shared = continues(types, this.#target.base) ? (this.#target.base?.count ?? 0) : 0;
    const isThere = (each: number): boolean => each <= shared || known.has(each);
    if (isThere(id)) return known.get(id) ?? id;

    const sources = reachable(types, id, isThere);
    const first = this.#target.count + 1;
    const copies = new Map(sources.map((source, i) => [source, first + i]));
    const copyOf = (each: number): number => copies.get(each) ?? known.get(each) ?? each;
    for (const source of sources) {
      const { id: _, ...type } = types.byId(source);
      this.#target.own.push(withReferences(type as NewBtfType, copyOf));
    }
    const numbers = this.#leaveOutEqual(first);
    for (const [source, copy] of copies) known.set(source, numbers(copy));
    return known.get(id) ?? 0;
  }

  /** Removes those of the last types that are equal to others. @returns the number that each has now */
  #leaveOutEqual(first: number): (id: number) => number {
    const { own, baseCount, count } = this.#target;
    this.#merger.merge(first, false);
    const staying = Array.from({ length: count - first + 1 }, (_, i) =>
      this.#merger.representative(first + i),
    );
    const places = new Map<number, number>();
    for (const [i, id] of staying.entries()) if (id === first + i) places.set(id, first + places.size);
    const numbers = (id: number): number => {
      const stays = id < first ? id : (staying[id - first] ?? id);
      return places.get(stays) ?? stays;
    };
    const copies = own.splice(first - baseCount - 1);
    for (const [i, type] of copies.entries()) {
      if (places.has(first + i)) own.push(withReferences(type, numbers));
    }
    this.#merger.forget(first);
    return numbers;
  }
}

/** Whether `types` is `base`, or continues it. */
function continues(types: BtfTypes, base: BtfTypes | undefined): boolean {
  for (let at: BtfTypes | undefined = types; at !== undefined; at = at.base) if (at === base) return true;
  return false;
}

/** A type and all that it refers to, without void and what is already there. */
function reachable(types: BtfTypes, id: number, isThere: (id: number) => boolean): number[] {
  const found = new Set([id]);
  // A set also visits what is added during the walk.
  for (const each of found) {
    for (const next of referencesOf(types.byId(each) as NewBtfType)) {
      if (next !== 0 && !isThere(next)) found.add(next);
    }
  }
  return [...found];
}
