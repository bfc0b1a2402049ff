import type { MapHandle } from '../handle.ts';
import { MappedValues, type MmapOptions } from '../mapped-values.ts';
import { TableMap } from './table-map.ts';

/** An array. The keys are the numbers below `maxEntries`, and each of them has a value from the start. */
export class ArrayMap<K, V> extends TableMap<K, V, 'array'> {
  readonly #handle: MapHandle<K, V>;

  /** Not for you to call: use `BpfMap.create`, `BpfMap.fromId` and the like. */
  constructor(handle: MapHandle<K, V>) {
    super(handle);
    this.#handle = handle;
  }

  /**
   * Maps the values into this process. The map must have been created with the flag `mmapable`.
   *
   * Frozen maps, and maps with the flag `rdonly_prog`, need `writable: false`. The memory cannot be written then:
   * {@link MappedValues.set} throws a TypeError, but a write through `as()` or `buffer` ends the process with SIGSEGV,
   * which nothing can catch. A map cannot be mapped if it was opened with `access: 'read'` or `'write'`, or created
   * with the flag `rdonly` or `wronly`.
   *
   * @throws BpfError `EPERM` when a frozen map should be mapped writable, `EACCES` when one with the flag `rdonly_prog`
   *   should be; `EINVAL` without the flag `mmapable`; `EINVAL` or `EACCES` when user space may not both read and write
   *   the map; `ERR_BPF_MAPPING_TOO_LARGE` for more memory than the runtime allows in one ArrayBuffer (Node 20: 4 GiB);
   *   ClosedError
   */
  mmap(options: MmapOptions = {}): MappedValues<V> {
    return new MappedValues(this.#handle, options);
  }
}
