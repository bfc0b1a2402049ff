import type { AttachType, ProgramType } from '../abi/index.ts';
import type { AsmItem, MapHandle } from '../asm/index.ts';
import { rejectUnknownOptions } from '../errors/index.ts';
import type { TokenOption } from '../token/commands.ts';

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
export interface ProgramOptions {
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
  /** The kind of place the program may be attached to, for the types that have several. */
  readonly attachType?: AttachType | undefined;
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
  /**
   * What the verifier is to log, as a sum: 1 its decisions, 2 every instruction, 4 statistics. With the
   * default, 0, nothing is logged unless the load fails: a log makes verification several times slower
   * and can make a good program fail for the log's size alone.
   */
  readonly logLevel?: number | undefined;
  /** First size of the log buffer in bytes; it grows when it is too small. Default: 64 KiB. */
  readonly logSize?: number | undefined;
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

/** The kernel refuses a larger buffer (UINT_MAX >> 2). */
export const LARGEST_LOG: number = 2 ** 30 - 1;

/** @throws TypeError for an unknown option, RangeError for a log size the kernel would refuse */
export function checkOptions(options: ProgramOptions): void {
  rejectUnknownOptions('Program.load', options, KNOWN);
  const { logSize, logLevel } = options;
  if (logSize !== undefined && !(Number.isInteger(logSize) && logSize >= 128 && logSize <= LARGEST_LOG)) {
    throw new RangeError(
      `Program.load: logSize must be an integer from 128 to ${LARGEST_LOG}, not ${logSize}`,
    );
  }
  if (logLevel !== undefined && !(Number.isInteger(logLevel) && logLevel >= 0 && logLevel <= 15)) {
    throw new RangeError(`Program.load: logLevel must be an integer from 0 to 15, not ${logLevel}`);
  }
}
