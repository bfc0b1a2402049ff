import { type MapCreateFlag, type MapType, mapCreateFlags } from '../abi/index.ts';
import type { Codec } from '../bytes/codec/index.ts';
import { checkArray, checkInteger, didYouMean, seen, U32 } from '../errors/index.ts';
import type { Fd } from '../sys/index.ts';
import type { TokenOption } from '../token/commands.ts';

/** Flags that do not describe the map: they belong to the call, or say that another option is given. */
const NOT_FOR_MAPS: readonly string[] = ['numa_node', 'path_fd', 'vtype_btf_obj_fd', 'token_fd'];

/** A flag for creating a map, by the kernel's name (`BPF_F_...`): `no_prealloc`, `mmapable` and so on. */
export type MapFlag = Exclude<MapCreateFlag, 'numa_node' | 'path_fd' | 'vtype_btf_obj_fd' | 'token_fd'>;

const FLAGS: readonly MapFlag[] = (Object.keys(mapCreateFlags) as MapCreateFlag[]).filter(
  (name): name is MapFlag => !NOT_FOR_MAPS.includes(name),
);

/** BTF that describes keys and values. */
export interface MapBtf {
  /** The loaded BTF: an object that owns its descriptor, or `{ fd }`. */
  readonly fd: Fd;
  /** Type id of the key. */
  readonly key?: number | undefined;
  /** Type id of the value. */
  readonly value?: number | undefined;
}

/** How a map is created. */
export interface MapOptions<T extends MapType, K, V, R = Uint8Array> {
  readonly type: T;
  /** Letters, digits, `_` and `.`; the kernel keeps the first 15 characters. Default: none. */
  readonly name?: string | undefined;
  /** Leave it out for maps without keys. */
  readonly key?: Codec<K> | undefined;
  /** For per-CPU maps: the value of one CPU. Leave it out for maps without values. */
  readonly value?: Codec<V> | undefined;
  /** What a record of a ring buffer or perf event array holds, and so what its readers return. Default: plain bytes. */
  readonly records?: Codec<R> | undefined;
  /**
   * How many entries fit. For an arena: how many pages. For ring buffers: how many bytes, rounded up to a power of two
   * of pages. Default for a perf event array: one for each possible CPU. Default for others: 0, which few types accept.
   */
  readonly maxEntries?: number | undefined;
  readonly flags?: readonly MapFlag[] | undefined;
  /** The NUMA node to take the memory from. */
  readonly numaNode?: number | undefined;
  /** `map_extra`. For a bloom filter: the number of hash functions. For an arena: the address that it is mapped at. */
  readonly extra?: number | bigint | undefined;
  /** The index of the network device that the map is offloaded to. */
  readonly ifindex?: number | undefined;
  readonly btf?: MapBtf | undefined;
  /** `btf_vmlinux_value_type_id`. For struct_ops: the id of the kernel's type of the value. */
  readonly kernelValueType?: number | undefined;
  /** The BTF of the module that `kernelValueType` belongs to. Linux >= 6.9 */
  readonly kernelValueBtf?: { readonly fd: Fd } | undefined;
  /** Which BPF token to use: by default the one that helps, if any. */
  readonly token?: TokenOption | undefined;
}

/** Returns the bits for names of flags. @throws TypeError for an unknown name */
export function flagBits(flags: readonly MapFlag[]): number {
  checkArray('flags', flags);
  let bits = 0;
  for (const flag of flags) {
    if (!FLAGS.includes(flag))
      throw new TypeError(`flags: unknown map flag ${seen(flag)}${didYouMean(String(flag), FLAGS)}`);
    bits |= mapCreateFlags[flag];
  }
  return bits;
}

/** Returns the names of flag bits. Bits without a name are left out. */
export function flagNames(bits: number): MapFlag[] {
  checkInteger('flags', bits, ...U32);
  return FLAGS.filter((flag) => (bits & mapCreateFlags[flag]) !== 0);
}
