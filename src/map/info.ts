import {
  type BpfMapInfo,
  createFlagNames,
  type MapCreateFlag,
  type MapType,
  mapTypes,
  type NumberText,
  nameOrNumber,
} from '../abi/index.ts';

/** What the kernel says about a map. */
export interface MapInfo {
  /** The name of the type, or its number as text if this library does not know it. */
  readonly type: MapType | NumberText;
  /** Unique among the maps of the running kernel. */
  readonly id: number;
  readonly name: string;
  /** Bytes. */
  readonly keySize: number;
  /** Bytes. For per-CPU maps: bytes of the value of one CPU. */
  readonly valueSize: number;
  readonly maxEntries: number;
  /**
   * Names, such as `no_prealloc`. Bits without a name come last, together as one number. The kernel does not say which
   * node `numa_node` stands for.
   */
  readonly flags: readonly (MapCreateFlag | number)[];
  /** The index of the network device that the map is offloaded to; 0 if none. */
  readonly ifindex: number;
  /** Id of the BTF that describes key and value; 0 if none. */
  readonly btfId: number;
  readonly btfKeyType: number;
  readonly btfValueType: number;
  readonly extra: bigint;
}

/** Translates the kernel's answer into the names of this library. */
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
