import { type ProgramType, programTypes } from '../abi/index.ts';
import { checkOwner, NotSupportedError } from '../errors/index.ts';
import { describeProgram, type Program } from '../program/index.ts';
import { type Fd, type Purpose, systemError } from '../sys/index.ts';
import { checkCommonOptions } from './check-options.ts';

const { release } = process.getBuiltinModule('node:os');

/**
 * What an errno means for one kind of attaching, and what to change. It is a text if the errno has one meaning, and a
 * function if something must be looked up first to know the meaning.
 */
export type Explanations = { readonly [code: string]: string | (() => string | undefined) };

/** One attempt to attach: what its error says. */
export interface Attempt {
  readonly program: Program;
  /** The place to attach to: `network interface eth0`. */
  readonly target: string;
  readonly explain?: Explanations | undefined;
  /** The first kernel with this kind of attaching. The error names it if the running kernel is older. */
  readonly since?: { readonly feature: string; readonly version: string } | undefined;
}

/** The first kernel with links to perf events. */
export const LINK_TO_PERF_EVENT = { feature: 'a link to a perf event', version: '5.15' } as const;

/** `program "count" (xdp)` */
export function programText({ name, type }: Program): string {
  return describeProgram({ name, type });
}

/** What an errno means for every kind of attaching. */
const COMMON: Explanations = {
  EPERM:
    'BPF tokens do not help with links: either this process lacks a capability, or a security module, a seccomp filter ' +
    'or kernel lockdown refuses',
  EBADF: 'the program, or what to attach to, is no longer open',
  ENOMEM: 'the kernel is out of memory',
};

/** The action of the attempt, and what a refusal means. */
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

/**
 * Returns the place to attach to, if it could be opened.
 *
 * @param opened - the descriptor, or a negative errno
 * @throws BpfError that says `why`
 */
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

/** Says that the kernel is too old, if it is. A newer kernel refuses for another reason. */
export function tooOld(since: Attempt['since']): string | undefined {
  if (since === undefined || !isOlder(since.version)) return undefined;
  return `this kernel (${release()}) may be too old: ${since.feature} needs Linux ${since.version}`;
}

/** The error if the kernel is known to lack a feature. */
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
 * Checks the program to attach, and the options that several kinds of attaching have.
 *
 * @throws TypeError if programs of this type are never attached this way; TypeError, RangeError for wrong options
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
