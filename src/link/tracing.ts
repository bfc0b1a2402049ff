import type { AttachType } from '../abi/index.ts';
import { rejectUnknownOptions } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { createLink, openRawTracepoint } from './create.ts';
import type { Link } from './link.ts';
import { checkType, programText } from './problems.ts';

/** How {@link attachTracing} attaches. */
export interface TracingOptions {
  /** A number that the program reads with `get_attach_cookie`. Linux >= 5.19, for `trace_raw_tp` >= 6.10 */
  readonly cookie?: number | bigint | undefined;
}

/** With a cookie, these need BPF_LINK_CREATE. For the rest BPF_RAW_TRACEPOINT_OPEN does, which every kernel knows. */
const WITH_COOKIE: ReadonlySet<AttachType> = new Set<AttachType>([
  'trace_fentry',
  'trace_fexit',
  'modify_return',
  'trace_fsession',
  'lsm_mac',
]);

/**
 * Attaches a program to what it was loaded for: the start (`trace_fentry`) or end (`trace_fexit`) of a kernel function
 * or of another program, the function's result (`modify_return`), a tracepoint with typed arguments (`trace_raw_tp`),
 * an LSM hook (`lsm_mac`), or the program it replaces (type `ext`).
 *
 * The kernel checks the rights when the program is loaded. Linux >= 5.5
 *
 * @throws BpfError `EBUSY` if the function is traced or replaced in another way, `ENOTSUPP` if it cannot be traced
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachTracing(program: Program, options: TracingOptions = {}): Link {
  rejectUnknownOptions('attachTracing', options, ['cookie']);
  checkType('attachTracing', program, ['tracing', 'lsm', 'ext'], options);
  const { attachType } = program;
  if (attachType === 'trace_iter' || attachType === 'lsm_cgroup') {
    const other = attachType === 'trace_iter' ? 'attachIterator' : 'attachCgroup';
    throw new TypeError(`attachTracing: ${programText(program)} must be attached with ${other}`);
  }
  const { cookie } = options;
  const attempt = {
    program,
    target: attachType === undefined ? 'what it was loaded for' : `what it was loaded for (${attachType})`,
    explain: {
      EBUSY:
        'the function is traced in a way that excludes this one, or is replaced already: detach the other program',
      E2BIG: 'too many programs are attached to this function: the kernel allows 38',
      ENOTSUPP:
        'the kernel was built without what tracing this function needs (CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS)',
    },
    since: { feature: 'this kind of attaching', version: '5.5' },
  };
  if (cookie !== undefined && attachType !== undefined && WITH_COOKIE.has(attachType as AttachType)) {
    return createLink(attempt, attachType, { tracing: { cookie } });
  }
  return openRawTracepoint(attempt, { cookie });
}
