import {
  type AttachType,
  type Flags,
  flagBits,
  type ProgLoadFlag,
  type ProgramType,
  progLoadFlagTable,
  programTypes,
} from '../abi/index.ts';
import type { AsmItem, MapHandle } from '../asm/index.ts';
import {
  checkArray,
  checkBytes,
  checkInteger,
  checkIntegers,
  checkObject,
  checkOwner,
  checkString,
  rejectUnknownOptions,
  U32,
} from '../errors/index.ts';
import { kernelName } from '../sys/index.ts';
import type { TokenOption } from '../token/commands.ts';
import { checkLogOptions, type LogOptions } from '../verifier-log/index.ts';

/** An object that owns a descriptor, such as a map. */
export interface DescriptorHolder {
  readonly fd: { readonly value: number };
}

/** Records of the same size. The kernel takes function and line information in this form. */
export interface Records {
  /** Size of one record in bytes. */
  readonly recordSize: number;
  readonly bytes: Uint8Array;
}

/** What {@link Program.load} loads, and how. */
export interface ProgramOptions extends LogOptions {
  readonly type: ProgramType;
  /** Instructions and labels, or instructions that are already encoded in this machine's byte order. */
  readonly instructions: readonly AsmItem[] | Uint8Array;
  /** Letters, digits, `_` and `.`; the kernel keeps the first 15 characters. Default: none. */
  readonly name?: string | undefined;
  /**
   * The section of the program, as written in `SEC("...")`: `tp/sched/sched_switch`. Only {@link Program.section} and
   * `attach` of `ebpf-ts/link` use it; `type` and `attachType` say what is loaded. Default: none.
   */
  readonly section?: string | undefined;
  /**
   * The licence in the kernel's spelling, such as `GPL` or `Dual MIT/GPL`. Without one that is compatible with the GPL,
   * the kernel refuses helpers that are marked GPL-only. Default: none.
   */
  readonly license?: string | undefined;
  /**
   * The kind of place that the program can be attached to, for the types that have several. For struct_ops programs:
   * the index of the member in the kernel's struct.
   */
  readonly attachType?: AttachType | number | undefined;
  /** How the verifier treats the program: names, such as `sleepable`, or BPF_F_... bits. Default: none. */
  readonly flags?: Flags<ProgLoadFlag> | undefined;
  /** The type id of the function, hook or structure to attach to, in the kernel's BTF or in that of `attachTo`. */
  readonly attachBtfId?: number | undefined;
  /** The program, or the BTF of the module, that `attachBtfId` belongs to. */
  readonly attachTo?: DescriptorHolder | undefined;
  /** The index of the network device to run on, for offloaded and device-bound XDP. */
  readonly interfaceIndex?: number | undefined;
  /** For kprobes on kernels before 5.0: the running kernel's version. */
  readonly kernelVersion?: number | undefined;
  /** The program's own types, for function and line information. */
  readonly btf?: DescriptorHolder | undefined;
  /** `struct bpf_func_info` records. */
  readonly functionInfo?: Records | undefined;
  /** `struct bpf_line_info` records. With them, the verifier's log shows source lines. */
  readonly lineInfo?: Records | undefined;
  /** The maps that the instructions refer to by name. */
  readonly maps?: { readonly [name: string]: MapHandle } | undefined;
  /** Maps, and BTF of modules, that instructions refer to by their index here. Linux >= 5.14 */
  readonly fdArray?: readonly DescriptorHolder[] | undefined;
  /** Which BPF token to use. Default: the first that helps. */
  readonly token?: TokenOption | undefined;
}

const KNOWN: readonly (keyof ProgramOptions)[] = [
  'type',
  'instructions',
  'name',
  'section',
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

const LIMITS = { attachBtfId: U32, interfaceIndex: U32, kernelVersion: U32 };

function checkRecords(what: string, records: Records): void {
  checkObject(what, records);
  checkInteger(`${what}: recordSize`, records.recordSize, 1, 0xffff_ffff);
  checkBytes(`${what}: bytes`, records.bytes);
}

/** Checks what can be checked without the kernel. @throws TypeError, RangeError */
export function checkOptions(options: ProgramOptions): void {
  const what = 'Program.load';
  rejectUnknownOptions(what, options, KNOWN);
  checkLogOptions(what, options);
  programTypes.number(options.type);
  const { instructions, license, attachType, attachTo, btf, maps, fdArray } = options;
  if (!(instructions instanceof Uint8Array)) checkArray(`${what}: instructions`, instructions);
  if (options.section !== undefined) checkString(`${what}: section`, options.section);
  if (license !== undefined) checkString(`${what}: license`, license);
  if (attachType !== undefined && typeof attachType !== 'string') {
    checkInteger(`${what}: attachType`, attachType, 0, 0xffff_ffff);
  }
  if (options.name !== undefined) kernelName(what, options.name);
  checkIntegers(what, options, LIMITS);
  flagBits(`${what}: flags`, progLoadFlagTable, options.flags);
  if (attachTo !== undefined) checkOwner(`${what}: attachTo`, attachTo, 'a Program or Btf');
  if (btf !== undefined) checkOwner(`${what}: btf`, btf, 'a Btf');
  if (options.functionInfo !== undefined) checkRecords(`${what}: functionInfo`, options.functionInfo);
  if (options.lineInfo !== undefined) checkRecords(`${what}: lineInfo`, options.lineInfo);
  if (maps !== undefined) {
    checkObject(`${what}: maps`, maps);
    for (const key of Object.keys(maps)) checkOwner(`${what}: maps.${key}`, maps[key], 'a map');
  }
  if (fdArray !== undefined) {
    checkArray(`${what}: fdArray`, fdArray);
    for (const [index, one] of fdArray.entries())
      checkOwner(`${what}: fdArray[${index}]`, one, 'a map or Btf');
  }
}
