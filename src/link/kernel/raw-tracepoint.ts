import { rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { openRawTracepoint } from '../create.ts';
import type { Link } from '../link.ts';
import { checkType, tooOld } from '../problems.ts';
import { cText } from '../text.ts';

/** Where {@link attachRawTracepoint} attaches. */
export interface RawTracepointOptions {
  /** The tracepoint's name without its category: `sched_process_exec`. */
  readonly name: string;
  /** A number that the program reads with `get_attach_cookie`. Linux >= 6.10 */
  readonly cookie?: number | bigint | undefined;
}

/**
 * Attaches a program to a tracepoint of the kernel. The program gets the tracepoint's arguments as they are.
 *
 * The kernel checks the right, CAP_PERFMON, when the program is loaded, so this works under a BPF token. Linux >= 4.17.
 * If the link is forgotten, the garbage collector closes it: see {@link Link.keep}.
 *
 * @throws BpfError `ENOENT` if there is no such tracepoint
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachRawTracepoint(program: Program, options: RawTracepointOptions): Link {
  rejectUnknownOptions('attachRawTracepoint', options, ['name', 'cookie']);
  checkType('attachRawTracepoint', program, ['raw_tracepoint', 'raw_tracepoint_writable'], options);
  const { name, cookie } = options;
  const attempt = {
    program,
    target: `raw tracepoint ${name}`,
    explain: {
      ENOENT:
        'the kernel has no such tracepoint: give the name without its category, see available_events in tracefs',
      EEXIST:
        'this kernel does not attach a program to one tracepoint twice: load it again to attach it twice',
      EINVAL: () =>
        (cookie === undefined ? undefined : tooOld({ feature: 'a cookie', version: '6.10' })) ??
        'the program reads more arguments than the tracepoint has',
    },
  };
  return openRawTracepoint(attempt, { name: cText('attachRawTracepoint: name', name), cookie });
}
