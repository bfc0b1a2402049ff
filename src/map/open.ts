import { type MapType, mapCreateFlags, mapTypes } from '../abi/index.ts';
import { bytes, type Codec, checkCodecs, nothing } from '../bytes/codec/index.ts';
import { rejectUnknownOptions, seen } from '../errors/index.ts';
import { checkFd, checkKind, type Fd, mapInfo, openById, openPinned, possibleCpus } from '../sys/index.ts';
import { MapCore } from './core.ts';
import { describe, factsOf, type MapFacts } from './facts.ts';
import { MAP_OF_MAPS, type MapOfMapsType, PER_CPU, WITH_RECORDS } from './families.ts';
import { keyCodec } from './key-codec.ts';
import { perCpu } from './per-cpu.ts';

/** How keys, values and records of a map that exists already are read, and what may be done with it. */
export interface OpenOptions<T extends MapType, K, V, R = Uint8Array> {
  /**
   * When given, a map of another type is refused, and what is returned has the methods of this type. Needed with `value`
   * for per-CPU maps.
   */
  readonly type?: T | undefined;
  /** Default: the plain bytes. */
  readonly key?: Codec<K> | undefined;
  /** Default: the plain bytes. For per-CPU maps: one CPU's value; by default the bytes of all, each at a multiple of 8. */
  readonly value?: Codec<V> | undefined;
  /** What a record of a ring buffer or perf event array holds: what its readers give. Default: plain bytes. */
  readonly records?: Codec<R> | undefined;
  /** Which operations from user space the descriptor allows. Default: both. */
  readonly access?: 'read' | 'write' | 'both' | undefined;
}

/** How the maps in a map of maps are read. */
export type InnerOptions<T extends MapType, K, V, R = Uint8Array> = Omit<OpenOptions<T, K, V, R>, 'access'>;

/** How a map of maps that exists already is read. */
export interface OpenMapOfMapsOptions<T extends MapOfMapsType, K, IT extends MapType, IK, IV, IR = Uint8Array>
  extends Omit<OpenOptions<T, K, unknown>, 'value' | 'records'> {
  /** How the maps in it are read: then its values are maps. Other maps are refused. */
  readonly inner: InnerOptions<IT, IK, IV, IR>;
}

/** All that may be given when a map is opened. */
export type AnyOpenOptions = OpenOptions<MapType, unknown, unknown, unknown> & {
  readonly inner?: InnerOptions<MapType, unknown, unknown, unknown> | undefined;
};

const OPEN_OPTIONS: readonly (keyof AnyOpenOptions)[] = [
  'type',
  'key',
  'value',
  'records',
  'inner',
  'access',
];

function accessFlags(access: AnyOpenOptions['access'] = 'both'): number {
  switch (access) {
    case 'both':
      return 0;
    case 'read':
      return mapCreateFlags.rdonly;
    case 'write':
      return mapCreateFlags.wronly;
    default:
      throw new TypeError(`access must be "read", "write" or "both", got ${seen(access)}`);
  }
}

/** Checks what can be told without the kernel. @throws TypeError */
export function checkOpenOptions(what: string, options: AnyOpenOptions): void {
  rejectUnknownOptions(what, options, OPEN_OPTIONS);
  if (options.type !== undefined) mapTypes.number(options.type);
  accessFlags(options.access);
  checkCodecs(what, options, ['key', 'value', 'records']);
  if (options.inner === undefined) return;
  rejectUnknownOptions(`${what}: inner`, options.inner, ['type', 'key', 'value', 'records']);
  checkCodecs(`${what}: inner`, options.inner, ['key', 'value', 'records']);
}

/** @throws BpfError; `ENOENT` when no map has the id, `EPERM` without CAP_SYS_ADMIN in the initial user namespace */
export function openMapById(id: number, options: AnyOpenOptions): Fd {
  return openById('map', id, accessFlags(options.access));
}

/** @throws BpfError; TypeError for a path that cannot be one */
export function openPath(path: string, options: AnyOpenOptions): Fd {
  return openPinned(path, 'map', accessFlags(options.access));
}

/**
 * Takes over the descriptor of a map that exists, and checks that the codecs fit. Closes it when they do not.
 *
 * @throws TypeError when type, key or value are not what the map has
 * @throws BpfError when the descriptor is not a map's
 */
export function openCore(fd: Fd, options: AnyOpenOptions): MapCore {
  checkFd('BpfMap.fromFd', fd);
  try {
    checkKind(fd, 'map');
    const facts = factsOf(mapInfo(fd));
    checkFit(facts, options);
    return new MapCore(fd, facts);
  } catch (error) {
    fd.close();
    throw error;
  }
}

function checkFit(facts: MapFacts, options: AnyOpenOptions): void {
  const what = describe(facts);
  if (
    options.type !== undefined &&
    mapTypes.number(options.type) !== mapTypes.number(facts.type as MapType)
  ) {
    throw new TypeError(`${what} is not of type ${options.type}`);
  }
  const { inner, key, records, value } = options;
  if (records !== undefined && !WITH_RECORDS.has(facts.type)) throw new TypeError(`${what} holds no records`);
  if (inner !== undefined && !MAP_OF_MAPS.has(facts.type)) {
    throw new TypeError(`${what} holds no maps: inner is for maps of type array_of_maps and hash_of_maps`);
  }
  if (key !== undefined && key.size !== facts.keySize) {
    throw new TypeError(`keys of ${what} have ${facts.keySize} bytes, but ${key.name} has ${key.size}`);
  }
  if (value !== undefined && value.size !== facts.valueSize) {
    throw new TypeError(
      `values of ${what} have ${facts.valueSize} bytes, but ${value.name} has ${value.size}`,
    );
  }
  if (value !== undefined && PER_CPU.has(facts.type) && options.type === undefined) {
    throw new TypeError(`${what} has a value for each CPU: give type: "${facts.type}"`);
  }
}

function plain(size: number): Codec<unknown> {
  return size === 0 ? nothing : bytes(size);
}

/** The codecs that a map is used with: those given, else plain bytes. */
export function codecsFor(
  facts: MapFacts,
  options: { readonly key?: Codec<unknown> | undefined; readonly value?: Codec<unknown> | undefined },
): { readonly key: Codec<unknown>; readonly value: Codec<unknown> } {
  const key = keyCodec(options.key ?? plain(facts.keySize), `${describe(facts)}: key`);
  if (options.value === undefined) return { key, value: plain(facts.bufferSize) };
  return {
    key,
    value: PER_CPU.has(facts.type) ? perCpu(options.value, possibleCpus().length) : options.value,
  };
}
