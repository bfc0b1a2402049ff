import { type MapType, mapCreateFlags, mapTypes } from '../abi/index.ts';
import { bytes, type Codec, nothing } from '../bytes/codec/index.ts';
import { BpfError, rejectUnknownOptions, seen } from '../errors/index.ts';
import { checkFd, type Fd, objectKind, openById, openPinned, possibleCpus } from '../sys/index.ts';
import { checkCodecs } from './check-values.ts';
import { MapCore } from './core.ts';
import { describe, factsOf, type MapFacts } from './facts.ts';
import { PER_CPU } from './families.ts';
import { readInfo } from './info.ts';
import { keyCodec } from './key-codec.ts';
import { perCpu } from './per-cpu.ts';

/** How keys and values of a map that exists already are read, and what may be done with it. */
export interface OpenOptions<T extends MapType, K, V> {
  /** When given, a map of another type is refused. Needed with `value` for per-CPU maps, and for maps of maps. */
  readonly type?: T | undefined;
  /** Default: the plain bytes. */
  readonly key?: Codec<K> | undefined;
  /** Default: the plain bytes; of per-CPU maps those of all CPUs, each at a multiple of 8. */
  readonly value?: Codec<V> | undefined;
  /** What a record holds, of ring buffers and perf event arrays: what their readers give. Default: plain bytes. */
  readonly records?: Codec<V> | undefined;
  /** Of a map of maps: the codecs of the maps in it. Then its values are maps. */
  readonly inner?:
    | { readonly key?: Codec<unknown> | undefined; readonly value?: Codec<unknown> | undefined }
    | undefined;
  /** Which operations from user space the descriptor allows. Default: both. */
  readonly access?: 'read' | 'write' | 'both' | undefined;
}

const OPEN_OPTIONS: readonly (keyof OpenOptions<MapType, unknown, unknown>)[] = [
  'type',
  'key',
  'value',
  'records',
  'inner',
  'access',
];

type AnyOpenOptions = OpenOptions<MapType, unknown, unknown>;

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
  rejectUnknownOptions(`${what}: inner`, options.inner, ['type', 'key', 'value']);
  checkCodecs(`${what}: inner`, options.inner, ['key', 'value']);
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
    const kind = objectKind(fd.value);
    if (kind !== undefined && kind !== 'map') {
      throw new BpfError(`Cannot open ${fd.what} as a map: it is a ${kind}`, {
        code: 'ERR_BPF_WRONG_OBJECT',
      });
    }
    const facts = factsOf(readInfo(fd, fd.what));
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
  const { key, value } = options;
  if (key !== undefined && key.size !== facts.keySize) {
    throw new TypeError(`keys of ${what} have ${facts.keySize} bytes, ${key.name} has ${key.size}`);
  }
  if (value !== undefined && value.size !== facts.valueSize) {
    throw new TypeError(`values of ${what} have ${facts.valueSize} bytes, ${value.name} has ${value.size}`);
  }
  if (value !== undefined && PER_CPU.has(facts.type) && options.type === undefined) {
    throw new TypeError(`${what} holds a value for each CPU: say so with type: "${facts.type}"`);
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
