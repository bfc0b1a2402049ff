import { type MapCreateFlag, type MapType, mapCreateFlags } from '../abi/index.ts';
import type { Codec } from '../bytes/codec/index.ts';
import { checkArray, checkInteger, didYouMean, seen, U32 } from '../errors/index.ts';
import type { Fd } from '../sys/index.ts';
import type { TokenOption } from '../token/commands.ts';

/** Bits that say something about the call or about an option of its own, not about the map. */
const NOT_FOR_MAPS: readonly string[] = ['numa_node', 'path_fd', 'vtype_btf_obj_fd', 'token_fd'];

/** A flag of map creation, in the kernel's words (`BPF_F_...`): `no_prealloc`, `mmapable` and so on. */
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

/** How a map is created. The words are the kernel's. */
export interface MapOptions<T extends MapType, K, V, R = Uint8Array> {
  readonly type: T;
  /** Letters, digits, `_` and `.`; the kernel keeps the first 15 characters. Default: none. */
  readonly name?: string | undefined;
  /** Left out for maps without keys. */
  readonly key?: Codec<K> | undefined;
  /** For per-CPU maps: one CPU's value. Left out for maps without values. */
  readonly value?: Codec<V> | undefined;
  /** What a record of a ring buffer or perf event array holds: what its readers give. Default: plain bytes. */
  readonly records?: Codec<R> | undefined;
  /**
   * How many entries fit; pages for an arena, bytes for ring buffers, which are rounded up to a power of two of pages.
   * Default: one for each possible CPU for a perf event array, for others 0, which few types accept.
   */
  readonly maxEntries?: number | undefined;
  readonly flags?: readonly MapFlag[] | undefined;
  /** The NUMA node to take the memory from. */
  readonly numaNode?: number | undefined;
  /** `map_extra`: of a bloom filter the number of hash functions, of an arena the address it is mapped at. */
  readonly extra?: number | bigint | undefined;
  /** The network device that the map is offloaded to, by index. */
  readonly ifindex?: number | undefined;
  readonly btf?: MapBtf | undefined;
  /** `btf_vmlinux_value_type_id`: for struct_ops, the kernel's type of the value. */
  readonly kernelValueType?: number | undefined;
  /** The BTF of the module that `kernelValueType` belongs to. Linux >= 6.9 */
  readonly kernelValueBtf?: { readonly fd: Fd } | undefined;
  /** Which BPF token to use: by default the one that helps, if any. */
  readonly token?: TokenOption | undefined;
}

/** The bits of flag names. @throws TypeError for an unknown one */
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

/** The names of flag bits; bits without a name are left out. */
export function flagNames(bits: number): MapFlag[] {
  checkInteger('flags', bits, ...U32);
  return FLAGS.filter((flag) => (bits & mapCreateFlags[flag]) !== 0);
}
