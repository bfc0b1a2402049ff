import type { MapType } from '../../../abi/index.ts';
import type { BtfTypes } from '../../../btf/index.ts';
import { type Codec, i32, u32 } from '../../../bytes/codec/index.ts';
import { entriesFor, INDEXED, type MapOptions, reference, STORAGE } from '../../../map/index.ts';
import { plainName } from '../../../sys/index.ts';
import { codecFor } from '../../spec/codec.ts';
import { isEventMap } from '../../spec/map-spec.ts';
import type { MapSpec } from '../../spec/types.ts';
import type { TypedLoad } from '../object-btf.ts';

const { basename } = process.getBuiltinModule('node:path');

/** How many characters of a map's name the kernel keeps. */
const LONGEST = 15;
/** At least this many characters stay for the name of a data section. */
const SECTION = '.rodata'.length;

/**
 * The name that a map gets, the same as with libbpf: its own name, of which the kernel keeps 15 characters. A data
 * section gets the name of the object file before it, such as `tiny.rodata`, unless it has a suffix, such as
 * `.rodata.mine`.
 */
export function mapName(map: MapSpec, file: string | undefined): string {
  return plainName(kernelMapName(map, file));
}

function kernelMapName({ name }: MapSpec, file: string | undefined): string {
  if (!name.startsWith('.') || name.includes('.', 1)) return name;
  const object = basename(file ?? '').split('.')[0] ?? '';
  return object.slice(0, LONGEST - Math.min(Math.max(name.length, SECTION), LONGEST)) + name;
}

export type AnyMapOptions = MapOptions<'hash', unknown, unknown, unknown>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

const types = (...names: MapType[]): ReadonlySet<MapType> => new Set(names);

/** Types that the kernel takes no BTF for (map types without map_check_btf). */
const WITHOUT_BTF = types(
  ...(['perf_event_array', 'cgroup_array', 'stack_trace', 'array_of_maps', 'hash_of_maps'] as const),
  ...(['devmap', 'devmap_hash', 'cpumap', 'xskmap', 'sockmap', 'sockhash', 'queue', 'stack'] as const),
  ...(['arena', 'ringbuf', 'user_ringbuf', 'prog_array', 'reuseport_sockarray'] as const),
);
/** Types whose keys and values are 4 bytes by default. */
const NUMBERED = types('perf_event_array', 'cgroup_array', 'prog_array', 'array_of_maps');
/** Types whose values are written as descriptors and read as ids. */
const REFERENCES = types(
  ...(['prog_array', 'perf_event_array', 'cgroup_array', 'sockmap', 'sockhash', 'xskmap'] as const),
  'reuseport_sockarray',
);

/** How keys, values and records of a map are read and written. */
export interface MapCodecs {
  readonly key: Codec<unknown>;
  readonly value: Codec<unknown>;
  /** For records; `undefined` unless the source says their type with `__type(value, ...)`. */
  readonly records: Codec<unknown> | undefined;
}

/** The codecs for the types of the object, or for plain bytes if it has none. */
export function codecsOf(
  { type, keySize, valueSize, keyTypeId, valueTypeId, contents }: MapSpec,
  btf: BtfTypes | undefined,
): MapCodecs {
  const four = NUMBERED.has(type);
  const [keyBytes, valueBytes] = [keySize || (four ? 4 : 0), valueSize || (four ? 4 : 0)];
  const indexed = INDEXED.has(type) && keyBytes === 4;
  // Data sections are filled and read as a whole; their variables have codecs of their own.
  if (contents !== undefined && type !== 'arena')
    return { key: u32, value: codecFor(undefined, 0, valueBytes), records: undefined };
  return {
    key: indexed ? u32 : STORAGE.has(type) ? i32 : codecFor(btf, keyTypeId, keyBytes),
    value:
      REFERENCES.has(type) && valueBytes === 4
        ? (reference as Codec<unknown>)
        : codecFor(btf, valueTypeId, valueBytes),
    records:
      btf === undefined || valueTypeId === 0 || !isEventMap(type)
        ? undefined
        : codecFor(btf, valueTypeId, btf.sizeOf(valueTypeId)),
  };
}

/** How one map of the object is made, opened and compared. Computed once for each map. */
export interface MapRecipe extends MapCodecs {
  readonly spec: MapSpec;
  /** What the map is created with. */
  readonly options: AnyMapOptions;
}

export function recipeOf(map: MapSpec, load: TypedLoad): MapRecipe {
  const { btf, plan } = load;
  const { options, spec } = plan;
  const codecs = codecsOf(map, spec.btf);
  const { key, value, records } = codecs;
  const made: Writable<MapOptions<MapType, unknown, unknown, unknown>> = {
    type: map.type,
    name: mapName(map, spec.file),
    maxEntries: entriesFor(map.type, map.maxEntries),
    flags: map.flags,
  };
  if (key.size > 0) made.key = key;
  if (value.size > 0) made.value = value;
  if (records !== undefined) made.records = records;
  if (map.mapExtra !== 0n) made.extra = map.mapExtra;
  if (map.numaNode !== undefined) made.numaNode = map.numaNode;
  if (options.token !== undefined) made.token = options.token;
  const described = map.keyTypeId !== 0 || map.valueTypeId !== 0;
  if (btf !== undefined && described && !WITHOUT_BTF.has(map.type)) {
    made.btf = { fd: btf.fd, key: map.keyTypeId, value: map.valueTypeId };
  }
  return { spec: map, ...codecs, options: made as AnyMapOptions };
}
