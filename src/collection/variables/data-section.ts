import { mapCreateFlags, mapFlagBits } from '../../abi/index.ts';
import { BpfError, ClosedError } from '../../errors/index.ts';
import type { ArrayMap, BpfMap, MappedValues } from '../../map/index.ts';
import { pageSize } from '../../sys/index.ts';
import type { MapSpec } from '../spec/types.ts';

/** In bytes: before Linux 7.0, instructions can refer only to this much of a map (BPF_MAX_VAR_OFF). */
const REACH = 1 << 29;

/**
 * The offset of the global variables in an arena, in bytes. They are in the last pages, as with libbpf: the first page
 * stays free, because null pointers point there. If instructions of some kernels cannot reach the last pages, the
 * variables are in the first ones.
 *
 * @throws BpfError `ERR_BPF_LINK` if they do not fit
 */
function arenaOffset(map: BpfMap, { name, contents, flags }: MapSpec): number {
  const size = map.maxEntries * pageSize();
  const needed = Math.ceil((contents?.length ?? 0) / pageSize()) * pageSize();
  const refuse = (problem: string): BpfError =>
    new BpfError(`Cannot place the variables of map "${name}" (arena): ${problem}`, { code: 'ERR_BPF_LINK' });
  if (needed > size) {
    throw refuse(`they need ${needed / pageSize()} pages, but its max_entries is ${map.maxEntries}`);
  }
  if (needed > 0 && (mapFlagBits(flags) & mapCreateFlags.segv_on_fault) !== 0) {
    throw refuse('only programs can allocate its pages, because it has the flag segv_on_fault');
  }
  return size - needed < REACH ? size - needed : 0;
}

/** The memory of global variables: mapped, or if that fails, read and written as a whole. Arenas must be mapped. */
export class DataSection {
  readonly #map: BpfMap;
  readonly #size: number;
  /** Where the variables begin in the map's memory, in bytes. */
  readonly offset: number;
  readonly #arena: boolean;
  readonly #frozen: boolean;
  readonly #mappable: boolean;
  #mapped: MappedValues<unknown> | undefined;
  #view: DataView | undefined;

  constructor(map: BpfMap, spec: MapSpec) {
    this.#map = map;
    this.#arena = spec.type === 'arena';
    this.#size = this.#arena ? (spec.contents?.length ?? 0) : map.valueSize;
    this.offset = this.#arena ? arenaOffset(map, spec) : 0;
    this.#frozen = spec.frozen;
    this.#mappable = this.#arena || (mapFlagBits(spec.flags) & mapCreateFlags.mmapable) !== 0;
  }

  /** The memory, or a copy if it cannot be mapped. @throws ClosedError; BpfError for an arena that cannot be mapped */
  view(): DataView {
    this.#assertOpen();
    return this.#view ?? this.#mapMemory() ?? this.#copy();
  }

  /** Maps the memory if the kernel allows it. If not, {@link view} throws the reason later. */
  tryToMap(): void {
    try {
      this.view();
    } catch (error) {
      if (!BpfError.is(error)) throw error;
    }
  }

  /** Changes the memory. @throws ClosedError; BpfError when the map is frozen */
  write(change: (view: DataView) => void): void {
    this.#assertOpen();
    // Memory of frozen maps is mapped for reading, and a write to it would end the process. The kernel refuses the copy.
    const mapped = this.#frozen ? undefined : (this.#view ?? this.#mapMemory());
    const view = mapped ?? this.#copy();
    change(view);
    if (mapped === undefined) {
      this.#array.set(0, new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    }
  }

  close(): void {
    this.#mapped?.close();
    this.#view = undefined;
  }

  #assertOpen(): void {
    if (this.#map.closed) throw new ClosedError(`map "${this.#map.name}" (${this.#map.type})`);
  }

  get #array(): ArrayMap<unknown, unknown> {
    if (this.#map.type !== 'array') throw this.#notPlain();
    return this.#map;
  }

  #notPlain(): TypeError {
    return new TypeError(`map "${this.#map.name}" (${this.#map.type}) has no plain value`);
  }

  #mapMemory(): DataView | undefined {
    const map = this.#map;
    if (!this.#mappable || (map.type !== 'array' && map.type !== 'arena')) return undefined;
    try {
      this.#mapped = map.mmap({ writable: !this.#frozen });
    } catch (error) {
      // The runtime may forbid such memory. Reading and writing through the kernel always works.
      if (!BpfError.is(error) || this.#arena) throw error;
      return undefined;
    }
    this.#view = new DataView(this.#mapped.buffer, this.offset, this.#size);
    return this.#view;
  }

  #copy(): DataView {
    const value = this.#array.get(0);
    if (!(value instanceof Uint8Array)) throw this.#notPlain();
    return new DataView(value.buffer, value.byteOffset, value.length);
  }
}
