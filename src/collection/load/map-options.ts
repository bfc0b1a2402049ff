import { type MapType, mapCreateFlags } from '../../abi/index.ts';
import type { BtfTypes } from '../../btf/index.ts';
import type { Btf } from '../../btf-object/index.ts';
import { type Codec, i32, u32 } from '../../bytes/codec/index.ts';
import { NotSupportedError } from '../../errors/index.ts';
import {
  entriesFor,
  flagNames,
  INDEXED,
  type MapFlag,
  type MapOptions,
  reference,
  STORAGE,
} from '../../map/index.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import { isEventMap } from '../spec/map-spec.ts';
import type { MapSpec } from '../spec/types.ts';
import { codecFor } from './codecs.ts';
import { mapName } from './names.ts';
import type { Pins } from './new-pins.ts';
import type { CollectionOptions } from './options.ts';
import type { SpecParts } from './parts.ts';

/** What maps are made for a collection with. */
export interface MapContext {
  readonly spec: CollectionSpec;
  readonly parts: SpecParts;
  readonly btf: Btf | undefined;
  readonly options: CollectionOptions;
  readonly pins: Pins;
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
/** Types whose keys and values are 4 bytes where nothing else is said. */
const NUMBERED = types('perf_event_array', 'cgroup_array', 'prog_array', 'array_of_maps');
/** Types whose values are descriptors on the way in and ids on the way out. */
const REFERENCES = types(
  ...(['prog_array', 'perf_event_array', 'cgroup_array', 'sockmap', 'sockhash', 'xskmap'] as const),
  'reuseport_sockarray',
);

/** How keys and values of a map are read and written. */
export function codecsOf(
  { type, keySize, valueSize, keyTypeId, valueTypeId, contents }: MapSpec,
  { spec: { btf } }: Pick<MapContext, 'spec'>,
): { readonly key: Codec<unknown>; readonly value: Codec<unknown> } {
  const four = NUMBERED.has(type);
  const [keyBytes, valueBytes] = [keySize || (four ? 4 : 0), valueSize || (four ? 4 : 0)];
  const indexed = INDEXED.has(type) && keyBytes === 4;
  // Data sections are filled and read as a whole; their variables have codecs of their own.
  if (contents !== undefined && type !== 'arena')
    return { key: u32, value: codecFor(undefined, 0, valueBytes) };
  return {
    key: indexed ? u32 : STORAGE.has(type) ? i32 : codecFor(btf, keyTypeId, keyBytes),
    value:
      REFERENCES.has(type) && valueBytes === 4
        ? (reference as Codec<unknown>)
        : codecFor(btf, valueTypeId, valueBytes),
  };
}

/** What records hold, where the source says so with `__type(value, ...)`. */
export function recordsOf(
  { type, valueTypeId }: MapSpec,
  btf: BtfTypes | undefined,
): Codec<unknown> | undefined {
  if (btf === undefined || valueTypeId === 0 || !isEventMap(type)) return undefined;
  return codecFor(btf, valueTypeId, btf.sizeOf(valueTypeId));
}

function flagsOf({ name, flags }: MapSpec): MapFlag[] {
  if (flags === 0) return [];
  const names = flagNames(flags);
  const known = names.reduce<number>((bits, flag) => bits | mapCreateFlags[flag], mapCreateFlags.numa_node);
  if ((flags & ~known) !== 0) {
    const unknown = `0x${(flags & ~known).toString(16)}`;
    throw new NotSupportedError(
      `Cannot create map "${name}": this library does not know the flags ${unknown}`,
      {
        feature: `map flags ${unknown}`,
      },
    );
  }
  return names;
}

/** What a map is created with. */
export function mapOptions(map: MapSpec, context: MapContext): AnyMapOptions {
  const { btf, options, spec } = context;
  const { key, value } = codecsOf(map, context);
  const made: Writable<MapOptions<MapType, unknown, unknown, unknown>> = {
    type: map.type,
    name: mapName(map, spec.file),
    maxEntries: entriesFor(map.type, map.maxEntries),
    flags: flagsOf(map),
  };
  if (key.size > 0) made.key = key;
  if (value.size > 0) made.value = value;
  const records = recordsOf(map, spec.btf);
  if (records !== undefined) made.records = records;
  if (map.mapExtra !== 0n) made.extra = map.mapExtra;
  if (map.numaNode !== undefined) made.numaNode = map.numaNode;
  if (options.token !== undefined) made.token = options.token;
  const described = map.keyTypeId !== 0 || map.valueTypeId !== 0;
  if (btf !== undefined && described && !WITHOUT_BTF.has(map.type)) {
    made.btf = { fd: btf.fd, key: map.keyTypeId, value: map.valueTypeId };
  }
  return made as AnyMapOptions;
}
