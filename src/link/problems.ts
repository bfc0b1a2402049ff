import type { ProgramType } from '../abi/index.ts';
import { BpfError, checkOwner, errnoName, NotSupportedError } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { describeProgram } from '../program/load.ts';
import { checkCommonOptions } from './check-options.ts';

/** What an errno means for one kind of attaching, and what to change. */
export type Explanations = { readonly [code: string]: string };

/** One attempt to attach, for its error. */
export interface Attempt {
  readonly program: Program;
  /** What it is attached to: `network interface eth0`. */
  readonly target: string;
  readonly explain?: Explanations | undefined;
  /** The kernel that brought this kind of attaching: named when the kernel does not know it. */
  readonly since?: { readonly feature: string; readonly version: string } | undefined;
}

/** `program "count" (xdp)` */
export function programText({ name, type }: Program): string {
  return describeProgram(type === undefined ? { name } : { name, type });
}

/** What holds for every kind of attaching. */
const COMMON: Explanations = {
  EPERM:
    'a link takes no BPF token: the rights are those of this process; a security module, a seccomp filter ' +
    'or kernel lockdown can refuse too',
  EBADF: 'the program, or what to attach to, is no longer open',
  EMFILE: 'this process has too many open descriptors: raise its limit (ulimit -n)',
  ENOMEM: 'the kernel is out of memory',
};

/** The error of a refused system call. */
export function attachError(
  attempt: Attempt,
  errno: number,
  call: { readonly syscall: string; readonly command?: string; readonly cause?: unknown },
): BpfError {
  const code = errnoName(errno);
  const { program, target, explain = {}, since } = attempt;
  const why = explain[code] ?? COMMON[code];
  const text = `Cannot attach ${programText(program)} to ${target}: ${code}${why === undefined ? '' : `: ${why}`}`;
  return new BpfError(
    why === undefined && code === 'EINVAL' && since !== undefined
      ? `${text}: the kernel may be too old: ${since.feature} needs Linux ${since.version}`
      : text,
    { ...call, code, errno },
  );
}

/** The error when the kernel is known to lack what it takes. */
export function notSupported(
  { program, target }: Attempt,
  cause: string,
  feature: string,
  since?: string,
): NotSupportedError {
  return new NotSupportedError(`Cannot attach ${programText(program)} to ${target}: ${cause}`, {
    feature,
    since,
  });
}

/**
 * Checks what is attached and the options that say how, the known ones.
 *
 * @throws TypeError when the program is of a type that is never attached so; TypeError, RangeError for wrong options
 */
export function checkType(
  what: string,
  program: Program,
  types: readonly ProgramType[],
  options: object,
): void {
  checkCommonOptions(what, options);
  checkOwner(`${what}: program`, program, 'a Program');
  if (program.type === undefined || types.includes(program.type)) return;
  const expected = types.length === 1 ? types[0] : `${types.slice(0, -1).join(', ')} or ${types.at(-1)}`;
  throw new TypeError(`${what}: ${programText(program)} is not of type ${expected}`);
}
