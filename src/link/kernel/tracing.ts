import type { AttachType } from '../../abi/index.ts';
import { checkOwner, rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { createLink, openRawTracepoint } from '../create.ts';
import type { Link } from '../link.ts';
import { checkType, programText } from '../problems.ts';
import { replaceFunction } from './freplace.ts';

/** How {@link attachTracing} attaches. */
export interface TracingOptions {
  /** A number that the program reads with `get_attach_cookie`. Linux >= 5.19, for `trace_raw_tp` >= 6.10 */
  readonly cookie?: number | bigint | undefined;
  /**
   * For programs of type `ext`: another program, whose function is replaced instead of that of the program it was loaded
   * for. The function must have the same arguments and result. Linux >= 5.10
   */
  readonly target?: Program | undefined;
  /** The function of `target`. Default: the one that the section names, `SEC("freplace/FUNCTION")`. */
  readonly function?: string | undefined;
}

/** With a cookie, these need BPF_LINK_CREATE. For the rest BPF_RAW_TRACEPOINT_OPEN does, which every kernel knows. */
const WITH_COOKIE: ReadonlySet<AttachType> = new Set<AttachType>([
  'trace_fentry',
  'trace_fexit',
  'modify_return',
  'trace_fsession',
  'lsm_mac',
]);

/** The functions that attach the programs of type tracing and lsm that this one does not. */
const OTHERS: { readonly [type in AttachType]?: string } = {
  trace_iter: 'attachIterator',
  lsm_cgroup: 'attachCgroup',
  trace_fentry_multi: 'attachTracingMulti',
  trace_fexit_multi: 'attachTracingMulti',
  trace_fsession_multi: 'attachTracingMulti',
};

/** Attaches to another target than that of the load, if one is given. @throws TypeError for wrong options */
function attachElsewhere(
  program: Program,
  { target, function: name, cookie }: TracingOptions,
): Link | undefined {
  if (target === undefined && name === undefined) return undefined;
  if (program.type !== 'ext') {
    throw new TypeError(
      `attachTracing: only programs of type ext take a target here: ${programText(program)} has the one it was loaded for`,
    );
  }
  if (target === undefined)
    throw new TypeError('attachTracing: give target, the program that has the function');
  checkOwner('attachTracing: target', target, 'a Program');
  if (cookie !== undefined) throw new TypeError('attachTracing: programs of type ext have no cookie');
  const wanted = name ?? program.attachTo;
  if (wanted !== undefined) return replaceFunction(program, target, wanted);
  throw new TypeError(
    `attachTracing: give function: ${programText(program)} does not say which function it replaces`,
  );
}

/**
 * Attaches a program to what it was loaded for: the start (`trace_fentry`), the end (`trace_fexit`) or both
 * (`trace_fsession`, Linux >= 7.0) of a kernel function or of a function of another program, the function's result
 * (`modify_return`), a tracepoint with typed arguments (`trace_raw_tp`), an LSM hook (`lsm_mac`), or the function of a
 * program that it replaces (type `ext`). With `target`, it replaces a function of another program.
 *
 * The kernel checks the rights when the program is loaded, so this works under a BPF token. `target` needs CAP_SYS_ADMIN
 * in the initial user namespace, to read the names of its functions. Linux >= 5.5. If the link is forgotten, the garbage
 * collector closes it: see {@link Link.keep}.
 *
 * @throws BpfError `EBUSY` if the function is traced or replaced in another way, `ENOTSUPP` if it cannot be traced,
 *   `ERR_BPF_ATTACH_TARGET` if the target has no such function, `EINVAL` if that does not fit
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachTracing(program: Program, options: TracingOptions = {}): Link {
  rejectUnknownOptions('attachTracing', options, ['cookie', 'target', 'function']);
  checkType('attachTracing', program, ['tracing', 'lsm', 'ext'], options);
  const elsewhere = attachElsewhere(program, options);
  if (elsewhere !== undefined) return elsewhere;
  const { attachType } = program;
  const other = OTHERS[attachType as AttachType];
  if (other !== undefined) {
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
