import type { MapHandle } from '../handle.ts';
import { MappedValues, type MmapOptions } from '../mapped-values.ts';
import { TableMap } from './table-map.ts';

/** An array: the keys are the numbers below `maxEntries`, and every one of them has a value from the start. */
export class ArrayMap<K, V> extends TableMap<K, V, 'array'> {
  readonly #handle: MapHandle<K, V>;

  /** `BpfMap.create`, `BpfMap.fromId` and the like make maps. */
  constructor(handle: MapHandle<K, V>) {
    super(handle);
    this.#handle = handle;
  }

  /**
   * Maps the values into this process. The map must be made with the flag `mmapable`.
   *
   * With `writable: false`, which frozen and read-only maps need, the memory cannot be written: {@link MappedValues.set}
   * throws a TypeError, but a write through `as()` or `buffer` ends the process with SIGSEGV, which nothing can catch.
   *
   * @throws BpfError `EPERM` when a frozen map is to be mapped writable, `EINVAL` without the flag;
   *   `ERR_BPF_MAPPING_TOO_LARGE` for more memory than the runtime has in one ArrayBuffer (Node 20: 4 GiB); ClosedError
   */
  mmap(options: MmapOptions = {}): MappedValues<V> {
    return new MappedValues(this.#handle, options);
  }
}
