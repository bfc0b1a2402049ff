import type { NewBtfType } from '../encode.ts';
import { referencesOf } from '../references.ts';
import { defines, isForward, keyOf, shapeOf } from './shape.ts';

/** The types that are merged. */
export interface TypeStore {
  /** How many of them belong to the BTF that these continue. Those stay as they are. */
  readonly baseCount: number;
  /** The last number. */
  readonly count: number;
  /** @returns `undefined` for void */
  typeOf(id: number): NewBtfType | undefined;
}

/**
 * Finds types that are equal: of one shape, and referring to equal types. Types may refer to each other in circles. So
 * two types are first assumed to be equal, and then what they refer to. If no difference comes up, all of that was
 * right. If one does, all of it is forgotten.
 */
export class Merger {
  readonly #store: TypeStore;
  /** For each type, a type that it is equal to, or its own number. */
  readonly #parents: number[] = [];
  readonly #shapes = new Map<number, string>();
  readonly #index = new Map<string, number[]>();
  /** The list of the index that a type is in. */
  readonly #places: (number[] | undefined)[] = [];
  /** Types up to here are in the index. */
  #indexed = 0;

  constructor(store: TypeStore) {
    this.#store = store;
  }

  /** The one type, of all that are equal to this one, that stays. */
  representative(id: number): number {
    let at = id;
    for (;;) {
      const parent = this.#parents[at] ?? at;
      if (parent === at) return at;
      this.#parents[at] = this.#parents[parent] ?? parent;
      at = parent;
    }
  }

  /** Makes one type stand for another. */
  join(from: number, to: number): void {
    this.#parents[this.representative(from)] = this.representative(to);
  }

  /**
   * Merges types from number `first` on with those before them and with each other.
   *
   * @param forwards - whether a declared struct is the same as a defined one, if that makes two structs or typedefs
   *   equal
   * @returns whether any were equal
   */
  merge(first: number, forwards: boolean): boolean {
    const { count } = this.#store;
    let merged = false;
    for (let id = Math.min(first, this.#indexed + 1); id <= count; id++) {
      const type = this.#store.typeOf(id);
      if (type === undefined || this.representative(id) !== id || isUnique(type)) continue;
      const known = this.#candidates(id, type);
      if (id >= first) {
        const pairing = forwards && /^(struct|union|typedef)$/.test(type.kind);
        merged = known.toReversed().some((other) => this.#tryToMerge(id, other, pairing)) || merged;
      }
      if (id <= this.#indexed || this.representative(id) !== id) continue;
      known.push(id);
      this.#places[id] = known;
    }
    this.#indexed = Math.max(this.#indexed, count);
    return merged;
  }

  /** Forgets types from number `first` on. No type before them may have been merged into one of them. */
  forget(first: number): void {
    for (let id = this.#places.length - 1; id >= first; id--) this.#places[id]?.pop();
    for (let id = first; id <= this.#indexed; id++) this.#shapes.delete(id);
    this.#places.length = Math.min(this.#places.length, first);
    this.#parents.length = Math.min(this.#parents.length, first);
    this.#indexed = Math.min(this.#indexed, first - 1);
  }

  #candidates(id: number, type: NewBtfType): number[] {
    const key = keyOf(type, this.#shape(id, type), (each) => this.#store.typeOf(each));
    const known = this.#index.get(key) ?? [];
    this.#index.set(key, known);
    return known;
  }

  #shape(id: number, type: NewBtfType): string {
    const known = this.#shapes.get(id);
    if (known !== undefined) return known;
    const shape = shapeOf(type);
    this.#shapes.set(id, shape);
    return shape;
  }

  #tryToMerge(left: number, right: number, pairing: boolean): boolean {
    if (this.representative(left) === this.representative(right)) return false;
    const assumed = new Map<number, number>();
    const find = (id: number): number => {
      let at = this.representative(id);
      for (let next = assumed.get(at); next !== undefined; next = assumed.get(at)) at = next;
      return at;
    };
    const pairs = [[left, right] as const];
    for (let pair = pairs.pop(); pair !== undefined; pair = pairs.pop()) {
      const [a, b] = [find(pair[0]), find(pair[1])];
      if (a === b) continue;
      const staying = this.#staying(a, b, pairing);
      if (staying === undefined) return false;
      assumed.set(staying === a ? b : a, staying);
      const [some, others] = [a, b].map((id) => referencesOf(this.#store.typeOf(id)));
      // A declaration and its definition have no references in common.
      if (some === undefined || others === undefined || some.length !== others.length) continue;
      for (const [i, id] of some.entries()) pairs.push([id, others[i] ?? 0]);
    }
    for (const [from, to] of assumed) this.#parents[from] = to;
    return true;
  }

  /** Which of two types stands for both, judged by the types alone. `undefined` if they differ. */
  #staying(a: number, b: number, pairing: boolean): number | undefined {
    const { baseCount } = this.#store;
    const [one, other] = [this.#store.typeOf(a), this.#store.typeOf(b)];
    if (one === undefined || other === undefined || isUnique(one)) return undefined;
    if (a <= baseCount && b <= baseCount) return undefined;
    if (this.#shape(a, one) === this.#shape(b, other)) return Math.min(a, b);
    if (!pairing) return undefined;
    if (isForward(one) && defines(other, one)) return a <= baseCount ? undefined : b;
    if (isForward(other) && defines(one, other)) return b <= baseCount ? undefined : a;
    return undefined;
  }
}

/** Variables and sections are things, not descriptions: two with the same name are two. */
function isUnique({ kind }: NewBtfType): boolean {
  return kind === 'var' || kind === 'datasec';
}
