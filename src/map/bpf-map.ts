import type { MapType } from '../abi/index.ts';
import type { Codec } from '../bytes/codec/index.ts';
import type { Fd } from '../sys/index.ts';
import { BaseMap, handleIn } from './base-map.ts';
import { classOf, type MapByType, type MapOfType } from './by-type.ts';
import { type AnyCreateOptions, checkOptions } from './check-options.ts';
import type { MapCore } from './core.ts';
import { createMap } from './create.ts';
import { EntryAccess } from './entries/entry-access.ts';
import type { MapOfMapsType } from './families.ts';
import type { MapOfMaps } from './family/map-of-maps.ts';
import { accessOf, handleOf } from './handle.ts';
import { innerMaps, type MapOfMapsOptions } from './inner-maps.ts';
import {
  type AnyOpenOptions,
  checkOpenOptions,
  codecsFor,
  type OpenMapOfMapsOptions,
  type OpenOptions,
  openCore,
  openMapById,
  openPath,
} from './open.ts';
import type { MapOptions } from './options.ts';

/** Types of maps that do not hold maps. */
export type PlainMapType = Exclude<MapType, MapOfMapsType>;

/**
 * A BPF map in the kernel, of any type. Each family of types has a class with the methods that the kernel supports for
 * it. Use `type` to tell them apart: `if (map.type === 'queue') map.pop()`.
 *
 * Maps resemble a JavaScript `Map`, with three differences: there is no `size`, because the kernel keeps no count;
 * `set` returns whether it stored the value; and every access is a system call.
 *
 * Close a map, or use `using`. The kernel keeps it as long as a program, a pin or another descriptor refers to it.
 */
export type BpfMap<K = unknown, V = unknown, R = unknown> = MapOfType<MapType, K, V, R>;

/** Creates and opens maps. */
export interface BpfMapOpener {
  /**
   * Creates a map with one system call. Types that need BTF take a second call if you pass none, and a map of maps
   * takes another one if `inner` holds options.
   *
   * Needs CAP_BPF, for some types CAP_NET_ADMIN as well, or a BPF token that allows the type.
   *
   * @example
   * using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 100 });
   * map.set(1, 5n);
   * for (const [key, value] of map) console.log(key, value);
   *
   * @throws TypeError, RangeError for invalid options
   * @throws TokenError when it is not permitted, BpfError when the kernel refuses for another reason
   */
  create<T extends MapOfMapsType, K, M extends BpfMap>(options: MapOfMapsOptions<T, K, M>): MapOfMaps<K, M>;
  create<
    T extends MapOfMapsType,
    K,
    IT extends PlainMapType,
    IK = undefined,
    IV = undefined,
    IR = Uint8Array,
  >(options: MapOfMapsOptions<T, K, MapOptions<IT, IK, IV, IR>>): MapOfMaps<K, MapByType<IK, IV, IR>[IT]>;
  create<T extends PlainMapType, K = undefined, V = undefined, R = Uint8Array>(
    options: MapOptions<T, K, V, R>,
  ): MapByType<K, V, R>[T];

  /**
   * Opens a map by its id. Needs CAP_SYS_ADMIN in the initial user namespace. Without the option `type`, the map may be
   * of any type: check its `type` before you use it.
   *
   * @throws BpfError `ENOENT` when no map has this id, `EPERM` without the capability
   * @throws TypeError when the map has another type, or keys or values of another size
   */
  fromId<
    T extends MapOfMapsType,
    K = Uint8Array,
    IT extends MapType = MapType,
    IK = Uint8Array,
    IV = Uint8Array,
    IR = Uint8Array,
  >(id: number, options: OpenMapOfMapsOptions<T, K, IT, IK, IV, IR>): MapOfMaps<K, MapOfType<IT, IK, IV, IR>>;
  fromId<T extends MapType = MapType, K = Uint8Array, V = Uint8Array, R = Uint8Array>(
    id: number,
    options?: OpenOptions<T, K, V, R>,
  ): MapOfType<T, K, V, R>;

  /**
   * Opens a map that is pinned in a bpffs. Needs the permissions of the file. Without the option `type`, the map may be
   * of any type: check its `type` before you use it.
   *
   * @throws BpfError `ENOENT` when nothing is pinned there
   * @throws TypeError when the map has another type, or keys or values of another size
   */
  fromPinned<
    T extends MapOfMapsType,
    K = Uint8Array,
    IT extends MapType = MapType,
    IK = Uint8Array,
    IV = Uint8Array,
    IR = Uint8Array,
  >(
    path: string,
    options: OpenMapOfMapsOptions<T, K, IT, IK, IV, IR>,
  ): MapOfMaps<K, MapOfType<IT, IK, IV, IR>>;
  fromPinned<T extends MapType = MapType, K = Uint8Array, V = Uint8Array, R = Uint8Array>(
    path: string,
    options?: OpenOptions<T, K, V, R>,
  ): MapOfType<T, K, V, R>;

  /**
   * Takes over a descriptor of a map, and closes it if the map does not fit the options. Without the option `type`, the
   * map may be of any type: check its `type` before you use it.
   *
   * @throws BpfError when it is not a map
   * @throws TypeError when the map has another type, or keys or values of another size
   */
  fromFd<
    T extends MapOfMapsType,
    K = Uint8Array,
    IT extends MapType = MapType,
    IK = Uint8Array,
    IV = Uint8Array,
    IR = Uint8Array,
  >(
    fd: Fd,
    options: Omit<OpenMapOfMapsOptions<T, K, IT, IK, IV, IR>, 'access'>,
  ): MapOfMaps<K, MapOfType<IT, IK, IV, IR>>;
  fromFd<T extends MapType = MapType, K = Uint8Array, V = Uint8Array, R = Uint8Array>(
    fd: Fd,
    options?: Omit<OpenOptions<T, K, V, R>, 'access'>,
  ): MapOfType<T, K, V, R>;

  /** For `map instanceof BpfMap`: whether this copy of the library made the map. */
  [Symbol.hasInstance](value: unknown): value is BpfMap;
}

function make(
  core: MapCore,
  key: Codec<unknown>,
  value: Codec<unknown>,
  records: Codec<unknown> | undefined,
): BpfMap {
  const Class = classOf(core.facts.type);
  const access = new EntryAccess(core, key as Codec<never>, value as Codec<never>);
  return new Class(handleOf(access), records) as BpfMap;
}

function wrap(core: MapCore, options: AnyOpenOptions): BpfMap {
  const { key, value } = codecsFor(core.facts, options);
  return make(core, key, value, options.records);
}

/** Opens a map in a map of maps. For per-CPU maps, `value` is the value of one CPU; no `type` is needed to say so. */
function openInner(id: number, { type, key, value, records }: AnyOpenOptions): BpfMap {
  return wrap(openCore(openMapById(id, {}), { type, key, records }), { value, key, records });
}

/** Opens a map in a map of maps, with the codecs of the map `like`. */
function openAs(like: BpfMap, id: number): BpfMap {
  const { key, value } = accessOf(handleIn(like));
  return make(openCore(openMapById(id, {}), {}), key, value, 'records' in like ? like.records : undefined);
}

function open(fd: Fd, options: AnyOpenOptions): BpfMap {
  const { inner, ...own } = options;
  if (inner === undefined) return wrap(openCore(fd, own), own);
  return wrap(openCore(fd, options), { ...own, value: innerMaps((id) => openInner(id, inner)) });
}

function create(options: AnyCreateOptions): BpfMap {
  checkOptions(options);
  const { inner: template, ...own } = options;
  if (template === undefined) return wrap(createMap(own), own);
  const made = template instanceof BaseMap ? undefined : create(template as AnyCreateOptions);
  try {
    const inner = made ?? (template as BpfMap);
    const value = innerMaps((id) => openAs(inner, id));
    return wrap(createMap({ ...own, value }, inner.fd), { ...own, value });
  } finally {
    made?.close();
  }
}

function fromId(id: number, options: AnyOpenOptions = {}): BpfMap {
  checkOpenOptions('BpfMap.fromId', options);
  return open(openMapById(id, options), options);
}

function fromPinned(path: string, options: AnyOpenOptions = {}): BpfMap {
  checkOpenOptions('BpfMap.fromPinned', options);
  return open(openPath(path, options), options);
}

function fromFd(fd: Fd, options: AnyOpenOptions = {}): BpfMap {
  checkOpenOptions('BpfMap.fromFd', options);
  return open(fd, options);
}

/** Creates and opens maps: {@link BpfMapOpener}. */
export const BpfMap: BpfMapOpener = class {
  static create = create as BpfMapOpener['create'];
  static fromId = fromId as BpfMapOpener['fromId'];
  static fromPinned = fromPinned as BpfMapOpener['fromPinned'];
  static fromFd = fromFd as BpfMapOpener['fromFd'];

  constructor() {
    throw new TypeError('BpfMap cannot be constructed: use BpfMap.create, fromId, fromPinned or fromFd');
  }

  static [Symbol.hasInstance](value: unknown): value is BpfMap {
    return value instanceof BaseMap;
  }
};
