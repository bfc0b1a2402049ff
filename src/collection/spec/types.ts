import type { AttachType, MapFlag, MapType, ProgLoadFlag, ProgramType } from '../../abi/index.ts';
import type { Instruction } from '../../asm/index.ts';

/** An entry that a map gets when it is created. */
export interface MapEntrySpec {
  /** The key; for arrays, the index. */
  readonly key: number;
  /** The name of the map or the program that it refers to. */
  readonly map?: string | undefined;
  readonly program?: string | undefined;
}

/** A member of a struct_ops map that a program implements. */
export interface StructOpsProgram {
  /** Offset of the member in the object's own struct, in bytes. */
  readonly offset: number;
  readonly program: string;
}

/** A map as an object file describes it. You may edit it before the load. */
export interface MapSpec {
  /** The name in the source; for data sections, the name of the section. */
  name: string;
  /** The section it comes from. */
  readonly section: string;
  type: MapType;
  keySize: number;
  valueSize: number;
  maxEntries: number;
  /** Names, such as `no_prealloc`. Bits without a name come last, together as one number. */
  flags: readonly (MapFlag | number)[];
  mapExtra: bigint;
  /** The NUMA node to take the memory from; stands for the flag `numa_node` as well. */
  numaNode: number | undefined;
  /** `by_name`: the load uses the map that is pinned already, or pins the new one. */
  pinning: 'none' | 'by_name';
  /** Type numbers of key and value in the collection's BTF; 0 when it has none. */
  keyTypeId: number;
  valueTypeId: number;
  /** For maps of maps: what the maps in it look like. */
  inner: MapSpec | undefined;
  /** The entries that the load puts into it. */
  entries: MapEntrySpec[];
  /** The first value, for data sections and struct_ops maps; for an arena, the first values of its variables. */
  contents: Uint8Array | undefined;
  /** Whether user space cannot write it after the load (`.rodata`). */
  frozen: boolean;
  /** For struct_ops maps. */
  structOps: StructOpsSpec | undefined;
}

/** What a struct_ops map implements. */
export interface StructOpsSpec {
  /** Name of the kernel's struct, without a `___` suffix. */
  readonly type: string;
  /** Number of the struct in the collection's BTF. */
  readonly typeId: number;
  /** Whether it is attached by a link (`.struct_ops.link`). */
  readonly link: boolean;
  readonly programs: StructOpsProgram[];
}

/** A function as an object file has it. */
export interface FunctionSpec {
  /** Unique in the collection. */
  readonly name: string;
  readonly section: string;
  /** Bytes from the start of the section. */
  readonly offset: number;
  readonly binding: 'static' | 'global' | 'weak';
  /** Whether it is invisible outside of its file although it is not static (`__hidden`). */
  readonly hidden: boolean;
  /** Number of its `func` type in the collection's BTF; 0 when it has none. */
  typeId: number;
  /**
   * They refer to other things by name: to a function that they call or load by `target`, to a map or data by `map`, to
   * something defined elsewhere by `extern`.
   */
  instructions: Instruction[];
}

/** A program as an object file describes it. You may edit it before the load. */
export interface ProgramSpec extends FunctionSpec {
  /** `undefined` when the section's name does not say it: then set it before the load. */
  type: ProgramType | undefined;
  attachType: AttachType | undefined;
  /** The function, tracepoint or path to attach to, if the section's name says one. */
  attachTo: string | undefined;
  /** What `attachTo` names in kernel BTF; `program` if it is a function of another program. */
  readonly target: 'function' | 'tracepoint' | 'lsm_hook' | 'iterator' | 'program' | undefined;
  /** Names, such as `sleepable`. Bits without a name come last, together as one number. */
  flags: readonly (ProgLoadFlag | number)[];
  license: string;
  /** The function that the kernel calls when the program throws (`bpf_throw`, Linux 6.7), if the source names one. */
  exceptionCallback: string | undefined;
  /** False for optional programs (`SEC("?...")`). */
  autoload: boolean;
}

/** A global variable. Its bytes are in the contents of its map. */
export interface VariableSpec {
  readonly name: string;
  /** The map it lives in: the name of its section, or the arena. */
  readonly map: string;
  /** Bytes from the start of the section. In an arena, the load chooses the page where the section starts. */
  readonly offset: number;
  readonly size: number;
  /** Number of its type in the collection's BTF. */
  readonly typeId: number;
  /** Whether it can be set only before the load (`.rodata`). */
  readonly constant: boolean;
}

/**
 * A pointer in a global variable, for example to a string, a map or a function. None of these has an address that a
 * load could put there. So it keeps the compiler's value: zero, or an offset in the section that it points to.
 */
export interface UnsetPointer {
  /** The map it lives in: the name of its section, or the arena. */
  readonly map: string;
  /** Bytes from the start of the section. */
  readonly offset: number;
  /** The variable it is in; `undefined` if that is not known. */
  readonly variable: string | undefined;
  /** The name of what it points to, or of its section. */
  readonly target: string;
}

/** Something that an object expects from the kernel or its configuration. */
export interface ExternSpec {
  readonly name: string;
  /** `kconfig`: a value of the kernel's configuration; `variable`, `function`: a kernel symbol. */
  readonly kind: 'kconfig' | 'variable' | 'function';
  /** Type number in the collection's BTF; for a function, that of its `func_proto`. 0 for symbols without a type. */
  readonly typeId: number;
  /** Whether it may be missing. */
  readonly weak: boolean;
  /** For kconfig values: offset and size in the map `.kconfig`, in bytes. */
  readonly offset: number;
  readonly size: number;
}
