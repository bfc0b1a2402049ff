import { perfTypes } from '../../abi/index.ts';
import { BpfError, didYouMean, type ErrorCode, errnoOf, rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import {
  findTracefs,
  knownInitialNamespace,
  namesIn,
  readNumber,
  USUAL_TRACEFS,
  whyNoTracefs,
} from '../../sys/index.ts';
import type { Link } from '../link.ts';
import { type Attempt, checkType, LINK_TO_PERF_EVENT, purposeOf, tooOld } from '../problems.ts';
import { insteadOfTracepoint } from './lesser-hook.ts';
import { attachToPerfEvent, refusedPerfEvent } from './perf-attr.ts';

const { join } = process.getBuiltinModule('node:path');

/** Where {@link attachTracepoint} attaches. */
export interface TracepointOptions {
  /** The folder under `events` in tracefs: `syscalls`, `sched`. */
  readonly category: string;
  /** The tracepoint's own name: `sys_enter_execve`. */
  readonly name: string;
  /** A number that the program reads with `get_attach_cookie`. */
  readonly cookie?: number | bigint | undefined;
  /** Where tracefs is mounted. Default: as /proc/self/mountinfo says, or the usual place if that is unreadable. */
  readonly tracefs?: string | undefined;
}

const WORD = /^[A-Za-z0-9_.-]+$/;

/** Says which part of `events/CATEGORY/NAME/id` is missing. */
function whyMissing(tracefs: string, category: string, name: string): string {
  const categories = namesIn(join(tracefs, 'events'));
  if (categories === undefined) return `${tracefs} is not a tracefs: it has no folder "events"`;
  const names = namesIn(join(tracefs, 'events', category));
  if (names === undefined) {
    return `the kernel has no tracepoints of category "${category}"${didYouMean(category, categories)}`;
  }
  return `the kernel has no such tracepoint in ${join(tracefs, 'events', category)}${didYouMean(name, names)}`;
}

const idFile = (tracefs: string, { category, name }: TracepointOptions): string =>
  join(tracefs, 'events', category, name, 'id');

/** The number, if tracefs is where it usually is. To look for it among all mounts takes five system calls. */
function usualId(options: TracepointOptions): number | undefined {
  if (options.tracefs !== undefined) return undefined;
  try {
    return readNumber(idFile(USUAL_TRACEFS, options));
  } catch {
    return undefined;
  }
}

function tracepointId(attempt: Attempt, options: TracepointOptions): number {
  const usual = usualId(options);
  if (usual !== undefined) return usual;
  const { category, name } = options;
  const found = options.tracefs === undefined ? findTracefs() : { path: options.tracefs };
  const tracefs = found.path;
  const fail = (code: ErrorCode, cause: unknown, text: string): never => {
    // Outside the initial user namespace nobody can mount tracefs or be allowed to read it.
    const way =
      code !== 'ENOENT' && knownInitialNamespace() === false
        ? `: ${insteadOfTracepoint(attempt.program, category, name)}`
        : '';
    throw new BpfError(`Cannot ${purposeOf(attempt).action}: ${text}${way}`, { code, cause });
  };
  if (tracefs === undefined) {
    return fail('ERR_BPF_NO_TRACEFS', found.cause, whyNoTracefs('its number', found));
  }
  const file = idFile(tracefs, options);
  try {
    return readNumber(file);
  } catch (cause) {
    const code = errnoOf(cause) ?? 'EIO';
    if (code === 'ENOENT') return fail(code, cause, `ENOENT: ${whyMissing(tracefs, category, name)}`);
    return fail(
      code,
      cause,
      `${code}: ${file} cannot be read: only root can read it, and users whom the mount options gid= and mode= allow`,
    );
  }
}

/**
 * Attaches a program to a static tracepoint of the kernel, on all CPUs. The program gets the event's fields as
 * `events/CATEGORY/NAME/format` in tracefs describes them.
 *
 * Needs CAP_PERFMON in the initial user namespace, or CAP_SYS_ADMIN if `kernel.perf_event_paranoid` is 3 or more. Needs
 * no capability if that is -1. Needs a mounted tracefs that this process can read. Under a BPF token, use
 * {@link attachRawTracepoint}: the error names it, and the section to write instead. Linux >= 5.15. If the link is
 * forgotten, the garbage collector closes it: see {@link Link.keep}.
 *
 * @throws BpfError `ENOENT` if there is no such tracepoint, `ERR_BPF_NO_TRACEFS`, `EPERM`, `EACCES`, `EEXIST` if this
 *   program is attached to it already
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachTracepoint(program: Program, options: TracepointOptions): Link {
  rejectUnknownOptions('attachTracepoint', options, ['category', 'name', 'cookie', 'tracefs']);
  checkType('attachTracepoint', program, ['tracepoint'], options);
  const { category, name, cookie } = options;
  if (!WORD.test(category) || !WORD.test(name)) {
    throw new TypeError(
      `attachTracepoint: category and name must be those of a tracepoint, got ${JSON.stringify(`${category}/${name}`)}`,
    );
  }
  const attempt: Attempt = {
    program,
    target: `tracepoint ${category}/${name}`,
    since: LINK_TO_PERF_EVENT,
    explain: {
      ...refusedPerfEvent({
        capability: 'perfmon',
        other: () => insteadOfTracepoint(program, category, name),
      }),
      EINVAL: () => tooOld(LINK_TO_PERF_EVENT) ?? 'the program reads more than the tracepoint has',
      EEXIST: 'it is already attached there, by this process or another: load it again to attach it twice',
      E2BIG: '64 programs are attached to this tracepoint already, and no more are possible',
    },
  };
  const attr = { type: perfTypes.tracepoint, config: tracepointId(attempt, options) };
  // The program runs for the tracepoint on every CPU, no matter which CPU the event was opened for.
  return attachToPerfEvent(attempt, attr, { processId: -1, cpu: 'any' }, cookie);
}
