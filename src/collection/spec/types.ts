import type { AttachType, MapFlag, MapType, ProgLoadFlag, ProgramType } from '../../abi/index.ts';
import type { Instruction } from '../../asm/index.ts';

/** An entry that a map gets when it is created. */
export interface MapEntrySpec {
  /** The key: an index, of arrays. */
  readonly key: number;
  /** The map or the program it refers to, by name. */
  readonly map?: string | undefined;
  readonly program?: string | undefined;
}

/** A member of a struct_ops map that a program implements. */
export interface StructOpsProgram {
  /** Offset of the member in the object's own struct. */
  readonly offset: number;
  readonly program: string;
}

/** A map as an object file describes it; may be edited before it is created. */
export interface MapSpec {
  /** As the source names it; for data sections the section's name. */
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
  /** `by_name`: an existing pin is used, and a new map is pinned. */
  pinning: 'none' | 'by_name';
  /** Numbers of the key's and value's types in the collection's BTF; 0 when it has none. */
  keyTypeId: number;
  valueTypeId: number;
  /** What a map of maps holds. */
  inner: MapSpec | undefined;
  /** What it holds from the beginning. */
  entries: MapEntrySpec[];
  /** The first value of a data section's map, or of a struct_ops map; of an arena the first values of its variables. */
  contents: Uint8Array | undefined;
  /** Whether user space may not write it once it is filled (`.rodata`). */
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
  /** Whether it is not to be seen outside of its file although it is not static (`__hidden`). */
  readonly hidden: boolean;
  /** Number of its `func` type in the collection's BTF; 0 when it has none. */
  typeId: number;
  /**
   * Calls and loads of functions have the callee's name as `target`, uses of maps and of data the map's name as `map`,
   * uses of what is defined elsewhere its name as `extern`.
   */
  instructions: Instruction[];
}

/** A program as an object file describes it; may be edited before it is loaded. */
export interface ProgramSpec extends FunctionSpec {
  /** `undefined` when the section's name does not say it: set it before load. */
  type: ProgramType | undefined;
  attachType: AttachType | undefined;
  /** The function, tracepoint or path to attach to, where the section's name says one. */
  attachTo: string | undefined;
  /** What `attachTo` is looked up as in kernel BTF. */
  readonly target: 'function' | 'tracepoint' | 'lsm_hook' | 'iterator' | 'program' | undefined;
  /** Names, such as `sleepable`. Bits without a name come last, together as one number. */
  flags: readonly (ProgLoadFlag | number)[];
  license: string;
  /** The function that the kernel calls when the program throws (`bpf_throw`, Linux 6.7), where the source names one. */
  exceptionCallback: string | undefined;
  /** False for optional programs (`SEC("?...")`). */
  autoload: boolean;
}

/** A global variable. Its bytes are in the contents of its map. */
export interface VariableSpec {
  readonly name: string;
  /** The map it lives in: the name of its section, or the arena. */
  readonly map: string;
  /** Bytes from the start of the section; in an arena its page is chosen at load. */
  readonly offset: number;
  readonly size: number;
  /** Number of its type in the collection's BTF. */
  readonly typeId: number;
  /** Whether it can be set before load only (`.rodata`). */
  readonly constant: boolean;
}

/**
 * A pointer in a global variable, such as a string's, a map's or a function's. Nothing has an address that could be put
 * there, so it stays as the compiler left it: zero, or an offset in the section that it points to.
 */
export interface UnsetPointer {
  /** The map it lives in: the name of its section, or the arena. */
  readonly map: string;
  /** Bytes from the start of the section. */
  readonly offset: number;
  /** The variable it is in; `undefined` where nothing says. */
  readonly variable: string | undefined;
  /** The name of what it points to, or of its section. */
  readonly target: string;
}

/** Something that the kernel, or its configuration, is to provide. */
export interface ExternSpec {
  readonly name: string;
  /** `kconfig`: a value of the kernel's configuration; `variable`, `function`: a kernel symbol. */
  readonly kind: 'kconfig' | 'variable' | 'function';
  /** Number of its type in the collection's BTF: of a variable its type, of a function its `func_proto`; 0 for typeless symbols. */
  readonly typeId: number;
  /** Whether it may be missing. */
  readonly weak: boolean;
  /** Of kconfig values: where it is in the map `.kconfig`. */
  readonly offset: number;
  readonly size: number;
}
