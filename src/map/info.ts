import { type BpfMapInfo, decodeMapInfo, INFO_SIZES, type MapType, mapTypes } from '../abi/index.ts';
import { bpf, type Fd, systemError } from '../sys/index.ts';
import { flagNames, type MapFlag } from './options.ts';

/** What the kernel tells about a map. */
export interface MapInfo {
  /** The type; its number where this library does not know it. */
  readonly type: MapType | number;
  /** Unique among the maps of the running kernel. */
  readonly id: number;
  readonly name: string;
  /** Bytes. */
  readonly keySize: number;
  /** Bytes; of per-CPU maps, of one CPU's value. */
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: readonly MapFlag[];
  /** The network device the map is offloaded to, by index; 0 if none. */
  readonly ifindex: number;
  /** Id of the BTF that describes key and value; 0 if none. */
  readonly btfId: number;
  readonly btfKeyType: number;
  readonly btfValueType: number;
  readonly extra: bigint;
}

/** Asks the kernel. @throws BpfError */
export function readInfo(fd: Fd, what: string): BpfMapInfo {
  const info = new Uint8Array(INFO_SIZES.map);
  const result = bpf('obj_get_info_by_fd', { bpf_fd: fd.value, info, info_len: info.length });
  if (result < 0) throw systemError(`read the information of ${what}`, 'bpf', -result, 'obj_get_info_by_fd');
  return decodeMapInfo(new DataView(info.buffer), info.length);
}

/** The kernel's answer in the library's words. */
export function publicInfo(info: BpfMapInfo): MapInfo {
  return {
    type: mapTypes.name(info.type) ?? info.type,
    id: info.id,
    name: info.name,
    keySize: info.key_size,
    valueSize: info.value_size,
    maxEntries: info.max_entries,
    flags: flagNames(info.map_flags),
    ifindex: info.ifindex,
    btfId: info.btf_id,
    btfKeyType: info.btf_key_type_id,
    btfValueType: info.btf_value_type_id,
    extra: info.map_extra,
  };
}
