import {
  type BpfMapInfo,
  createFlagNames,
  type MapCreateFlag,
  type MapType,
  mapTypes,
  type NumberText,
  nameOrNumber,
} from '../abi/index.ts';

/** What the kernel tells about a map. */
export interface MapInfo {
  /** The number as text for a type newer than this library. */
  readonly type: MapType | NumberText;
  /** Unique among the maps of the running kernel. */
  readonly id: number;
  readonly name: string;
  /** Bytes. */
  readonly keySize: number;
  /** Bytes; of per-CPU maps, of one CPU's value. */
  readonly valueSize: number;
  readonly maxEntries: number;
  /**
   * Names, such as `no_prealloc`. Bits without a name come last, together as one number. The kernel does not say which
   * node `numa_node` stands for.
   */
  readonly flags: readonly (MapCreateFlag | number)[];
  /** The network device the map is offloaded to, by index; 0 if none. */
  readonly ifindex: number;
  /** Id of the BTF that describes key and value; 0 if none. */
  readonly btfId: number;
  readonly btfKeyType: number;
  readonly btfValueType: number;
  readonly extra: bigint;
}

/** The kernel's answer in the library's words. */
export function publicInfo(info: BpfMapInfo): MapInfo {
  return {
    type: nameOrNumber(mapTypes, info.type),
    id: info.id,
    name: info.name,
    keySize: info.key_size,
    valueSize: info.value_size,
    maxEntries: info.max_entries,
    flags: createFlagNames(info.map_flags),
    ifindex: info.ifindex,
    btfId: info.btf_id,
    btfKeyType: info.btf_key_type_id,
    btfValueType: info.btf_value_type_id,
    extra: info.map_extra,
  };
}
