import type { AttachType, ProgramType } from '../abi/index.ts';
import type { AsmItem, MapHandle } from '../asm/index.ts';
import { rejectUnknownOptions } from '../errors/index.ts';
import type { TokenOption } from '../token/commands.ts';
import { checkLogOptions, type LogOptions } from './attempts.ts';

/** An object that owns a descriptor, as the attributes need it. */
export interface DescriptorHolder {
  readonly fd: { readonly value: number };
}

/** Records of one size, as the kernel takes function and line information. */
export interface Records {
  /** Size of one record in bytes. */
  readonly recordSize: number;
  readonly bytes: Uint8Array;
}

/** What {@link Program.load} makes a program from. */
export interface ProgramOptions extends LogOptions {
  readonly type: ProgramType;
  /** Instructions and labels, or instructions already encoded in this machine's byte order. */
  readonly instructions: readonly AsmItem[] | Uint8Array;
  /** Letters, digits, `_` and `.`; the kernel keeps the first 15 characters. Default: none. */
  readonly name?: string | undefined;
  /**
   * The licence as the kernel compares it, such as `GPL` or `Dual MIT/GPL`: helpers marked GPL-only are
   * refused without one. Default: none.
   */
  readonly license?: string | undefined;
  /**
   * The kind of place the program may be attached to, for the types that have several; of struct_ops programs the
   * index of the member in the kernel's struct.
   */
  readonly attachType?: AttachType | number | undefined;
  /** BPF_F_… bits, see `programFlags`. */
  readonly flags?: number | undefined;
  /** The function, hook or structure to attach to, by its id in kernel BTF (or in `attachTo`'s). */
  readonly attachBtfId?: number | undefined;
  /** The program, or the module's BTF, that `attachBtfId` belongs to. */
  readonly attachTo?: DescriptorHolder | undefined;
  /** Index of the network device to run on, for offloaded and device-bound XDP. */
  readonly interfaceIndex?: number | undefined;
  /** For kprobes on kernels before 5.0: the running kernel's version. */
  readonly kernelVersion?: number | undefined;
  /** The types of the program itself, for function and line information. */
  readonly btf?: DescriptorHolder | undefined;
  /** `struct bpf_func_info` records. */
  readonly functionInfo?: Records | undefined;
  /** `struct bpf_line_info` records: with it the verifier log shows source lines. */
  readonly lineInfo?: Records | undefined;
  /** The maps that the instructions refer to by name. */
  readonly maps?: { readonly [name: string]: MapHandle } | undefined;
  /** What instructions refer to by index: maps, and BTF of modules. Linux ≥ 5.14 */
  readonly fdArray?: readonly DescriptorHolder[] | undefined;
  /** Which BPF token to use. Default: the first that helps. */
  readonly token?: TokenOption | undefined;
}

const KNOWN: readonly (keyof ProgramOptions)[] = [
  'type',
  'instructions',
  'name',
  'license',
  'attachType',
  'flags',
  'attachBtfId',
  'attachTo',
  'interfaceIndex',
  'kernelVersion',
  'btf',
  'functionInfo',
  'lineInfo',
  'maps',
  'fdArray',
  'logLevel',
  'logSize',
  'token',
];

/** @throws TypeError for an unknown option, RangeError for a log size the kernel would refuse */
export function checkOptions(options: ProgramOptions): void {
  rejectUnknownOptions('Program.load', options, KNOWN);
  checkLogOptions('Program.load', options);
}
