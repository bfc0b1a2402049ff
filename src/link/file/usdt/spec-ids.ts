import { BpfError } from '../../../errors/index.ts';
import type { BpfMap } from '../../../map/index.ts';

/** Which ids of one map of specs are taken, and by what. */
class SpecIds {
  readonly #bySpec = new Map<string, { readonly id: number; users: number }>();
  readonly #taken = new Set<number>();
  /** All ids below this one are taken. */
  #lowest = 0;

  /** Takes the id of an equal spec, or a free one. Undefined if none is left. */
  take(spec: string, count: number): { readonly id: number; readonly isNew: boolean } | undefined {
    const known = this.#bySpec.get(spec);
    if (known !== undefined) {
      known.users++;
      return { id: known.id, isNew: false };
    }
    while (this.#taken.has(this.#lowest)) this.#lowest++;
    const id = this.#lowest;
    if (id >= count) return undefined;
    this.#taken.add(id);
    this.#bySpec.set(spec, { id, users: 1 });
    return { id, isNew: true };
  }

  giveBack(spec: string): void {
    const known = this.#bySpec.get(spec);
    if (known === undefined || --known.users > 0) return;
    this.#bySpec.delete(spec);
    this.#taken.delete(known.id);
    this.#lowest = Math.min(this.#lowest, known.id);
  }

  get unused(): boolean {
    return this.#taken.size === 0;
  }
}

/** By the id of the map: several objects may stand for one map. */
const byMap = new Map<number, SpecIds>();

/** Specs that are in the map as long as probes need them. */
export interface KeptSpecs {
  /** The id of each spec, in the order given. */
  readonly ids: readonly (number | bigint)[];
  /** Makes the ids free again. It is called once. */
  readonly giveBack: () => void;
}

const textOf = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1');

function full({ name, maxEntries }: BpfMap): BpfError {
  return new BpfError(
    `Cannot tell programs where the arguments of a USDT probe are: map "${name}" is full: it holds ${maxEntries} ` +
      'specs, one for each different list of arguments: define BPF_USDT_MAX_SPEC_CNT with a larger number before ' +
      'including usdt.bpf.h, or set maxEntries of this map before the load',
    { code: 'ERR_BPF_USDT_SPECS' },
  );
}

/**
 * Puts specs into a map. Equal ones share an entry, also with other attachments of this process.
 *
 * @throws BpfError `ERR_BPF_USDT_SPECS` if the map is full; nothing is kept then
 */
export function keepSpecs(map: BpfMap, specs: readonly Uint8Array[]): KeptSpecs {
  const { id: mapId } = map.info();
  const ids = byMap.get(mapId) ?? new SpecIds();
  byMap.set(mapId, ids);
  const texts: string[] = [];
  const giveBack = (): void => {
    for (const text of texts) ids.giveBack(text);
    if (ids.unused) byMap.delete(mapId);
  };
  try {
    const found: number[] = [];
    const fresh = new Map<number, Uint8Array>();
    for (const spec of specs) {
      const text = textOf(spec);
      const taken = ids.take(text, map.maxEntries);
      if (taken === undefined) throw full(map);
      texts.push(text);
      found.push(taken.id);
      if (taken.isNew) fresh.set(taken.id, spec);
    }
    if (fresh.size > 0) write(map, fresh);
    return { ids: found, giveBack };
  } catch (error) {
    giveBack();
    throw error;
  }
}

function write(map: BpfMap, specs: ReadonlyMap<number, Uint8Array>): void {
  if (map.type !== 'array') throw new TypeError(`map "${map.name}" is not an array`);
  const values = new Uint8Array(specs.size * map.valueSize);
  let at = 0;
  for (const spec of specs.values()) {
    values.set(spec, at);
    at += map.valueSize;
  }
  map.writeFrom({ keys: Uint32Array.from(specs.keys()), values });
}
