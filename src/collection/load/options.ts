import type { BtfTypes } from '../../btf/index.ts';
import type { BpfMap } from '../../map/index.ts';
import type { Program } from '../../program/index.ts';
import type { TokenOption } from '../../token/commands.ts';
import type { KconfigValue } from '../externs/kconfig-value.ts';

/** Another BPF program: a program of the collection replaces or traces one of its functions. */
export interface ProgramTarget {
  readonly program: Program;
  /** Default: what the section's name says after the `/`. */
  readonly function?: string | undefined;
}

/** How an object file is loaded. */
export interface CollectionOptions {
  /** Which BPF token to use. Default: the first that helps, for each object. */
  readonly token?: TokenOption | undefined;
  /** Optional programs (`SEC("?...")`) and struct_ops to load too, by name; or `all` of them. Default: none. */
  readonly programs?: 'all' | readonly string[] | undefined;
  /** Existing maps to use instead of the object's. They stay the caller's: the collection does not close them. */
  readonly maps?: { readonly [name: string]: BpfMap } | undefined;
  /** First values of global variables, including constants. */
  readonly variables?: { readonly [name: string]: unknown } | undefined;
  /** Values of the kernel's configuration, used instead of those of the running kernel. */
  readonly kconfig?: { readonly [name: string]: KconfigValue } | undefined;
  /** The folder for maps that are pinned by name. Default: `/sys/fs/bpf`. */
  readonly pinPath?: string | undefined;
  /** The types that CO-RE relocations are resolved with. Default: those of the running kernel. */
  readonly targetBtf?: BtfTypes | undefined;
  /** Other programs that programs of the collection replace or trace, by the name of the collection's program. */
  readonly targets?: { readonly [program: string]: ProgramTarget } | undefined;
  /** What the verifier logs, see `Program.load`. */
  readonly logLevel?: number | undefined;
  /** First size of the log buffer in bytes, see `Program.load`. */
  readonly logSize?: number | undefined;
}

/** Copies the options, because the caller may change them during the load. */
export function asTheyAre(options: CollectionOptions): CollectionOptions {
  const { programs, maps, variables, kconfig, targets } = options;
  return {
    ...options,
    programs: Array.isArray(programs) ? [...programs] : programs,
    maps: maps && { ...maps },
    variables: variables && each(variables, (value) => valueNow(value)),
    kconfig: kconfig && { ...kconfig },
    targets: targets && each(targets, (target) => target && { ...target }),
  };
}

function each<T>(values: { readonly [name: string]: T }, copy: (value: T) => T): { [name: string]: T } {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, copy(value)]));
}

/** Copies a value with all that is in it. @param seen - the copies made so far: a value may contain itself */
function valueNow(value: unknown, seen: Map<object, unknown> = new Map()): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value);
  if (ArrayBuffer.isView(value)) return structuredClone(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  const isList = Array.isArray(value);
  if (!isList && prototype !== Object.prototype && prototype !== null) return value;
  const copy: { [name: string]: unknown } | unknown[] = isList ? [] : {};
  seen.set(value, copy);
  for (const [name, one] of Object.entries(value)) {
    (copy as { [name: string]: unknown })[name] = valueNow(one, seen);
  }
  return copy;
}
