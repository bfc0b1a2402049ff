import { join } from 'node:path';
import { BpfError, rejectUnknownOptions } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { onlineCpus, readNumber, tracefsPath } from '../sys/index.ts';
import type { Link } from './link.ts';
import { attachToPerfEvent, refusedPerfEvent } from './perf-attr.ts';
import { type Attempt, checkType, programText } from './problems.ts';

const PERF_TYPE_TRACEPOINT = 2; // include/uapi/linux/perf_event.h

/** Where {@link attachTracepoint} attaches. */
export interface TracepointOptions {
  /** The folder under `events` in tracefs: `syscalls`, `sched`. */
  readonly category: string;
  /** The tracepoint's own name: `sys_enter_execve`. */
  readonly name: string;
  /** A number that the program reads by `get_attach_cookie`. */
  readonly cookie?: bigint | undefined;
  /** Where tracefs is mounted. Default: found in /proc/self/mountinfo. */
  readonly tracefs?: string | undefined;
}

const WORD = /^[A-Za-z0-9_.-]+$/;

function tracepointId({ program, target }: Attempt, options: TracepointOptions): number {
  const { category, name, tracefs = tracefsPath() } = options;
  const fail = (code: string, cause: unknown, text: string): never => {
    throw new BpfError(`Cannot attach ${programText(program)} to ${target}: ${text}`, { code, cause });
  };
  if (tracefs === undefined) {
    return fail(
      'ERR_BPF_NO_TRACEFS',
      undefined,
      'its number is in tracefs, which is mounted nowhere: mount -t tracefs tracefs /sys/kernel/tracing',
    );
  }
  const file = join(tracefs, 'events', category, name, 'id');
  try {
    return readNumber(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'EIO';
    return fail(
      code,
      cause,
      code === 'ENOENT'
        ? `ENOENT: the kernel has no such tracepoint: no ${file}`
        : `${code}: ${file} cannot be read: root can, and those whom the mount's options (gid=, mode=) allow`,
    );
  }
}

/**
 * Attaches a program to a static tracepoint of the kernel, on all CPUs. It gets the event's fields, as
 * `events/CATEGORY/NAME/format` in tracefs has them.
 *
 * Needs CAP_PERFMON in the initial user namespace, and a mounted tracefs; under a BPF token, use
 * {@link attachRawTracepoint}. Linux ≥ 5.15
 *
 * @throws BpfError `ENOENT` when there is no such tracepoint, `ERR_BPF_NO_TRACEFS`, `EPERM`, `EACCES`
 * @throws TypeError for wrong options, and for programs of another type
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
    since: { feature: 'a link to a perf event', version: '5.15' },
    explain: {
      ...refusedPerfEvent('a raw tracepoint (attachRawTracepoint) can be attached to there'),
      EINVAL: 'the program reads more than the tracepoint has, or the kernel is older than Linux 5.15',
    },
  };
  const attr = { type: PERF_TYPE_TRACEPOINT, config: BigInt(tracepointId(attempt, options)) };
  // The program runs for the tracepoint on every CPU, whichever the event was opened for.
  const [cpu = 0] = onlineCpus();
  return attachToPerfEvent(attempt, attr, { processId: -1, cpu }, cookie);
}
