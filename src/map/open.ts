import { type MapType, mapCreateFlags, mapTypes } from '../abi/index.ts';
import { type Codec, checkCodecs, plainBytes } from '../bytes/codec/index.ts';
import { checkChoice, rejectUnknownOptions } from '../errors/index.ts';
import { checkFd, checkKind, type Fd, mapInfo, openById, openPinned, possibleCpus } from '../sys/index.ts';
import { MapCore } from './core.ts';
import { describe, factsOf, type MapFacts } from './facts.ts';
import { MAP_OF_MAPS, type MapOfMapsType, PER_CPU, WITH_RECORDS } from './families.ts';
import { keyCodec } from './key-codec.ts';
import { perCpu } from './per-cpu.ts';

/** How the keys, values and records of an existing map are read, and which accesses the descriptor allows. */
export interface OpenOptions<T extends MapType, K, V, R = Uint8Array> {
  /**
   * If given, a map of another type is refused, and the result has the methods of this type. Per-CPU maps need it when
   * `value` is given.
   */
  readonly type?: T | undefined;
  /** Default: the plain bytes. */
  readonly key?: Codec<K> | undefined;
  /**
   * Default: the plain bytes. For per-CPU maps: the value of one CPU; by default the plain bytes of the values of all
   * CPUs, each at a multiple of 8.
   */
  readonly value?: Codec<V> | undefined;
  /** What a record of a ring buffer or perf event array holds, and so what its readers return. Default: plain bytes. */
  readonly records?: Codec<R> | undefined;
  /** Which operations from user space the descriptor allows. Default: both. */
  readonly access?: 'read' | 'write' | 'both' | undefined;
}

/** How the maps in a map of maps are read. */
export type InnerOptions<T extends MapType, K, V, R = Uint8Array> = Omit<OpenOptions<T, K, V, R>, 'access'>;

/** How an existing map of maps is read. */
export interface OpenMapOfMapsOptions<T extends MapOfMapsType, K, IT extends MapType, IK, IV, IR = Uint8Array>
  extends Omit<OpenOptions<T, K, unknown>, 'value' | 'records'> {
  /** How the maps in it are read. If given, the values are maps, and a map that is not a map of maps is refused. */
  readonly inner: InnerOptions<IT, IK, IV, IR>;
}

/** All options for opening a map. */
export type AnyOpenOptions = OpenOptions<MapType, unknown, unknown, unknown> & {
  readonly inner?: InnerOptions<MapType, unknown, unknown, unknown> | undefined;
};

/** The options of `fromFd`. A descriptor that is open already keeps its access. */
const FD_OPTIONS: readonly (keyof AnyOpenOptions)[] = ['type', 'key', 'value', 'records', 'inner'];
const OPEN_OPTIONS: readonly (keyof AnyOpenOptions)[] = [...FD_OPTIONS, 'access'];

/** What opens a map: the functions of `BpfMap` by name. */
type Opener = 'BpfMap.fromId' | 'BpfMap.fromPinned' | 'BpfMap.fromFd';

const ACCESS: Readonly<Record<NonNullable<AnyOpenOptions['access']>, number>> = {
  read: mapCreateFlags.rdonly,
  write: mapCreateFlags.wronly,
  both: 0,
};

/** Checks everything that can be checked without the kernel. @throws TypeError */
export function checkOpenOptions(what: Opener, options: AnyOpenOptions): void {
  rejectUnknownOptions(what, options, what === 'BpfMap.fromFd' ? FD_OPTIONS : OPEN_OPTIONS);
  if (options.type !== undefined) mapTypes.number(options.type);
  if (options.access !== undefined) checkChoice(`${what}: access`, options.access, Object.keys(ACCESS));
  checkCodecs(what, options, ['key', 'value', 'records']);
  if (options.inner === undefined) return;
  if (options.value !== undefined) {
    throw new TypeError(`${what}: value cannot be given with inner, which says what the values are`);
  }
  rejectUnknownOptions(`${what}: inner`, options.inner, ['type', 'key', 'value', 'records']);
  checkCodecs(`${what}: inner`, options.inner, ['key', 'value', 'records']);
}

/** @throws BpfError; `ENOENT` when no map has the id, `EPERM` without CAP_SYS_ADMIN in the initial user namespace */
export function openMapById(id: number, options: AnyOpenOptions): Fd {
  return openById('map', id, ACCESS[options.access ?? 'both']);
}

/** @throws BpfError; TypeError for a path that cannot be one */
export function openPath(path: string, options: AnyOpenOptions): Fd {
  return openPinned(path, 'map', ACCESS[options.access ?? 'both']);
}

/**
 * Takes over the descriptor of an existing map, and checks that the options fit the map. Closes it if they do not.
 *
 * @throws TypeError when the options do not fit the map
 * @throws BpfError when the descriptor is not that of a map
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

/** Returns the codecs for a map: those given, or plain bytes. */
export function codecsFor(
  facts: MapFacts,
  options: { readonly key?: Codec<unknown> | undefined; readonly value?: Codec<unknown> | undefined },
): { readonly key: Codec<unknown>; readonly value: Codec<unknown> } {
  const key = keyCodec(options.key ?? plainBytes(facts.keySize), `${describe(facts)}: key`);
  if (options.value === undefined) return { key, value: plainBytes(facts.bufferSize) };
  return {
    key,
    value: PER_CPU.has(facts.type) ? perCpu(options.value, possibleCpus().length) : options.value,
  };
}
