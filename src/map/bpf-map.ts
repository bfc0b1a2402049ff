import type { MapType } from '../abi/index.ts';
import type { Codec } from '../bytes/codec/index.ts';
import { rejectUnknownOptions } from '../errors/index.ts';
import type { Fd } from '../sys/index.ts';
import type { MapCore } from './core.ts';
import { createMap } from './create.ts';
import { EntryMap } from './entry-map.ts';
import type { MapOfMapsType } from './families.ts';
import { innerMaps, type MapOfMapsOptions } from './inner-maps.ts';
import { MappedValues } from './mapped-values.ts';
import { checkOpenOptions, codecsFor, type OpenOptions, openCore, openMapById, openPath } from './open.ts';
import { checkOptions, type MapOptions, type ValueOf } from './options.ts';

/** How a map's memory is mapped. */
export interface MmapOptions {
  /**
   * Default: true. A read-only mapping is for maps that may not be written; writing through it kills the process, as
   * nothing in JavaScript can forbid it.
   */
  readonly writable?: boolean | undefined;
}

type AnyOptions = MapOptions<MapType, unknown, unknown>;
type AnyOpenOptions = OpenOptions<MapType, unknown, unknown>;
type KeyedType = Exclude<MapType, MapOfMapsType>;

/**
 * A BPF map in the kernel. It reads like a JavaScript `Map` where that is honest: there is no `size`, since the kernel
 * keeps none; `set` tells whether it stored; and every access is a system call.
 *
 * What may be created depends on the type: CAP_BPF, for some types CAP_NET_ADMIN as well, or a BPF token that allows
 * it. Close the map, or use `using`; the kernel keeps it as long as a program, a pin or another descriptor refers to
 * it.
 *
 * @example
 * using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 100 });
 * map.set(1, 5n);
 * for (const [key, value] of map) console.log(key, value);
 */
export class BpfMap<K = unknown, V = unknown> extends EntryMap<K, V> {
  /** What a record holds, of ring buffers and perf event arrays, where it was said when the map was made or opened. */
  readonly records: Codec<V> | undefined;

  /**
   * Creates a map, with a single system call.
   *
   * @throws TypeError, RangeError for options that cannot be meant
   * @throws TokenError when it is not permitted, BpfError when the kernel refuses for another reason
   */
  static create<T extends MapOfMapsType, K, IK, IV>(
    options: MapOfMapsOptions<T, K, BpfMap<IK, IV>>,
  ): BpfMap<K, BpfMap<IK, IV>>;
  static create<T extends MapOfMapsType, K, IT extends KeyedType, IK = undefined, IV = undefined>(
    options: MapOfMapsOptions<T, K, MapOptions<IT, IK, IV>>,
  ): BpfMap<K, BpfMap<IK, ValueOf<IT, IV>>>;
  static create<T extends KeyedType, K = undefined, V = undefined>(
    options: MapOptions<T, K, V>,
  ): BpfMap<K, ValueOf<T, V>>;
  static create(options: AnyOptions | MapOfMapsOptions<MapOfMapsType, unknown, unknown>): BpfMap {
    if (typeof options !== 'object' || options === null || !('inner' in options)) {
      checkOptions(options);
      return BpfMap.#wrap(createMap(options), options);
    }
    const { inner: template, ...own } = options;
    checkOptions(own);
    const inner =
      template instanceof BpfMap ? template : BpfMap.create(template as MapOptions<'hash', unknown, unknown>);
    try {
      const value = innerMaps((id) => new BpfMap(openCore(openMapById(id, {}), {}), inner.key, inner.value));
      return BpfMap.#wrap(createMap({ ...own, value }, inner.fd), { ...own, value });
    } finally {
      if (inner !== template) inner.close();
    }
  }

  /**
   * Opens a map by its id. Needs CAP_SYS_ADMIN in the initial user namespace.
   *
   * @throws BpfError `ENOENT` when no map has this id, `EPERM` without the capability
   * @throws TypeError when the map has another type, or keys or values of another size
   */
  static fromId<T extends KeyedType = 'hash', K = Uint8Array, V = Uint8Array>(
    id: number,
    options: OpenOptions<T, K, V> = {},
  ): BpfMap<K, ValueOf<T, V>> {
    checkOpenOptions('BpfMap.fromId', options);
    return BpfMap.#open(openMapById(id, options), options) as BpfMap<K, ValueOf<T, V>>;
  }

  /**
   * Opens a map pinned in a bpffs. Needs the rights of the file.
   *
   * @throws BpfError `ENOENT` when there is nothing
   * @throws TypeError when the map has another type, or keys or values of another size
   */
  static fromPinned<T extends KeyedType = 'hash', K = Uint8Array, V = Uint8Array>(
    path: string,
    options: OpenOptions<T, K, V> = {},
  ): BpfMap<K, ValueOf<T, V>> {
    checkOpenOptions('BpfMap.fromPinned', options);
    return BpfMap.#open(openPath(path, options), options) as BpfMap<K, ValueOf<T, V>>;
  }

  /**
   * Takes over a descriptor of a map. It is closed when it turns out not to fit.
   *
   * @throws BpfError when it is not a map
   * @throws TypeError when the map has another type, or keys or values of another size
   */
  static fromFd<T extends KeyedType = 'hash', K = Uint8Array, V = Uint8Array>(
    fd: Fd,
    options: Omit<OpenOptions<T, K, V>, 'access'> = {},
  ): BpfMap<K, ValueOf<T, V>> {
    checkOpenOptions('BpfMap.fromFd', options);
    return BpfMap.#open(fd, options) as BpfMap<K, ValueOf<T, V>>;
  }

  /**
   * Maps the values of an `array` made with the flag `mmapable`, or the memory of an `arena`, into this process.
   *
   * With `writable: false`, which frozen and read-only maps need, the memory cannot be written: {@link MappedValues.set}
   * throws a TypeError, but a write through `as()` or `buffer` ends the process with SIGSEGV, which nothing can catch.
   *
   * @throws BpfError `EPERM` when a frozen map is to be mapped writable, `ENOTSUPP` for maps that cannot be mapped;
   *   `ERR_BPF_MAPPING_TOO_LARGE` for more memory than the runtime has in one ArrayBuffer (Node 20: 4 GiB)
   */
  mmap(options: MmapOptions = {}): MappedValues<V> {
    rejectUnknownOptions('mmap', options, ['writable']);
    return new MappedValues(this.core, this.value, options.writable ?? true);
  }

  private constructor(core: MapCore, key: Codec<K>, value: Codec<V>, records?: Codec<V>) {
    super(core, key, value);
    this.records = records;
  }

  static #wrap(core: MapCore, options: AnyOpenOptions): BpfMap {
    const { key, value } = codecsFor(core.facts, options);
    return new BpfMap(core, key, value, options.records);
  }

  static #open(fd: Fd, options: AnyOpenOptions): BpfMap {
    const { inner, ...own } = options;
    if (inner === undefined) return BpfMap.#wrap(openCore(fd, own), own);
    // Of per-CPU maps within, `value` is one CPU's value; the map within tells that it is one.
    const value = innerMaps((id) => BpfMap.#wrap(openCore(openMapById(id, {}), {}), inner));
    return BpfMap.#wrap(openCore(fd, own), { ...own, value });
  }
}
