import type { MapFlag, MapType } from '../abi/index.ts';
import type { Codec } from '../bytes/codec/index.ts';
import type { Fd } from '../sys/index.ts';
import type { TokenOption } from '../token/commands.ts';

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
  /** Names, such as `no_prealloc`; bits where a name is not known yet. Default: none. */
  readonly flags?: readonly (MapFlag | number)[] | undefined;
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
