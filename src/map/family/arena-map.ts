import { BaseMap } from '../base-map.ts';
import type { MapHandle } from '../handle.ts';
import { MappedValues, type MmapOptions } from '../mapped-values.ts';

/** Memory that this process and BPF programs share. It has no entries. Linux >= 6.9 */
export class ArenaMap extends BaseMap<'arena'> {
  readonly #handle: MapHandle;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle) {
    super(handle);
    this.#handle = handle;
  }

  /**
   * Maps the memory into this process. The kernel allows one mapping of an arena in a process. All calls on this map
   * share it.
   *
   * @throws BpfError `EBUSY` or `EINVAL` when something else is at the arena's address; `ERR_BPF_MAPPING_TOO_LARGE` for
   *   more memory than the runtime allows in one ArrayBuffer (Node 20: 4 GiB); ClosedError
   */
  mmap(options: MmapOptions = {}): MappedValues<unknown> {
    return new MappedValues(this.#handle, options);
  }
}
