import { type ProgramType, programTypes } from '../abi/index.ts';
import { checkOwner, NotSupportedError } from '../errors/index.ts';
import { describeProgram, type Program } from '../program/index.ts';
import { type Fd, type Purpose, systemError } from '../sys/index.ts';
import { checkCommonOptions } from './check-options.ts';

const { release } = process.getBuiltinModule('node:os');

/**
 * What an errno means for one kind of attaching, and what to change: as a text where it means one thing, as a function
 * where the kernel is asked which of several it is.
 */
export type Explanations = { readonly [code: string]: string | (() => string | undefined) };

/** One attempt to attach, for its error. */
export interface Attempt {
  readonly program: Program;
  /** What it is attached to: `network interface eth0`. */
  readonly target: string;
  readonly explain?: Explanations | undefined;
  /** The kernel that brought this kind of attaching: named when the kernel does not know it. */
  readonly since?: { readonly feature: string; readonly version: string } | undefined;
}

/** For the kinds that attach to perf events. */
export const LINK_TO_PERF_EVENT = { feature: 'a link to a perf event', version: '5.15' } as const;

/** `program "count" (xdp)` */
export function programText({ name, type }: Program): string {
  return describeProgram({ name, type });
}

/** What holds for every kind of attaching. */
const COMMON: Explanations = {
  EPERM:
    'BPF tokens do not help with links: either this process lacks a capability, or a security module, a seccomp filter ' +
    'or kernel lockdown refuses',
  EBADF: 'the program, or what to attach to, is no longer open',
  ENOMEM: 'the kernel is out of memory',
};

/** What the attempt is for: the action, and what a refusal of it means. */
export function purposeOf({ program, target, explain = {}, since }: Attempt): Purpose {
  return {
    action: `attach ${programText(program)} to ${target}`,
    explain: ({ code }) => {
      const found = explain[code] ?? COMMON[code];
      return (
        (typeof found === 'function' ? found() : found) ?? (code === 'EINVAL' ? tooOld(since) : undefined)
      );
    },
  };
}

/** Opens a place to attach to. @throws BpfError that says `why` */
export function openPlace(attempt: Attempt, opened: Fd | number, why: (code: string) => string): Fd {
  if (typeof opened !== 'number') return opened;
  const { action } = purposeOf(attempt);
  throw systemError(action, 'openat', -opened, undefined, ({ code }) => why(code));
}

/** Whether the running kernel calls itself older than a version such as `6.6`. */
function isOlder(version: string): boolean {
  const numbers = (text: string): number[] => text.split('.', 2).map((part) => Number.parseInt(part, 10));
  const [major = 0, minor = 0] = numbers(release());
  const [wantedMajor = 0, wantedMinor = 0] = numbers(version);
  return major < wantedMajor || (major === wantedMajor && minor < wantedMinor);
}

/** Said only of kernels that are: a new one refuses for another reason. */
export function tooOld(since: Attempt['since']): string | undefined {
  if (since === undefined || !isOlder(since.version)) return undefined;
  return `this kernel (${release()}) may be too old: ${since.feature} needs Linux ${since.version}`;
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
  if (!programTypes.has(program.type) || types.includes(program.type)) return;
  const expected = types.length === 1 ? types[0] : `${types.slice(0, -1).join(', ')} or ${types.at(-1)}`;
  throw new TypeError(`${what}: ${programText(program)} is not of type ${expected}`);
}
