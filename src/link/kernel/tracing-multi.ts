import type { AttachType } from '../../abi/index.ts';
import type { BtfTypes } from '../../btf/index.ts';
import { BpfError, checkArray, didYouMean, rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { kernelBtf } from '../../sys/index.ts';
import { createLink } from '../create.ts';
import { typeIdIn } from '../kernel-types.ts';
import type { Link } from '../link.ts';
import { checkLists, words } from '../multi-lists.ts';
import { type Attempt, checkType, programText, purposeOf, tooOld } from '../problems.ts';
import { cText } from '../text.ts';
import { functionsMatching } from './function-pattern.ts';

/** Where {@link attachTracingMulti} attaches. Give `functions` or `pattern`. */
export interface TracingMultiOptions {
  /** The kernel functions, by their names in kernel BTF. */
  readonly functions?: readonly string[] | undefined;
  /** All kernel functions with BTF whose names match and that can be traced: `*` is any text, `?` any character. */
  readonly pattern?: string | undefined;
  /** A number for each of `functions`, which the program reads with `get_attach_cookie`. */
  readonly cookies?: readonly (number | bigint)[] | undefined;
  /** Where tracefs is mounted, which lists the functions for a pattern. Default: as /proc/self/mountinfo says. */
  readonly tracefs?: string | undefined;
}

const WHAT = 'attachTracingMulti';
const SINCE = { feature: 'a tracing link to several kernel functions', version: '7.2' } as const;
const TYPES: readonly string[] = ['trace_fentry_multi', 'trace_fexit_multi', 'trace_fsession_multi'];

/** The most arguments that a traced function may have (MAX_BPF_FUNC_ARGS of include/linux/bpf.h). */
const MOST_ARGUMENTS = 12;
/** The largest argument or result that is passed in registers. */
const LARGEST = 16;

/** Whether the kernel makes trampolines for functions of this form: no unlimited arguments, none that is large. */
function isTraceable(types: BtfTypes, id: number): boolean {
  const func = types.byId(id);
  const proto = func.kind === 'func' ? types.byId(func.type) : undefined;
  if (proto?.kind !== 'func_proto' || proto.parameters.length > MOST_ARGUMENTS) return false;
  if (proto.parameters.some(({ type }) => type === 0 || types.sizeOf(type) > LARGEST)) return false;
  return proto.returnType === 0 || types.sizeOf(proto.returnType) <= 8;
}

function attachTypeOf(program: Program): AttachType {
  const { attachType } = program;
  if (attachType !== undefined && TYPES.includes(attachType)) return attachType as AttachType;
  const is =
    attachType === undefined ? 'its attach type is not known, because it was opened' : `not ${attachType}`;
  throw new TypeError(`${WHAT}: ${programText(program)} must be loaded for ${TYPES.join(', ')}: ${is}`);
}

/** The numbers of named functions. */
function idsOf(attempt: Attempt, types: BtfTypes, names: readonly string[]): number[] {
  return names.map((name) => {
    const id = typeIdIn(types, 'func', name);
    if (id !== undefined) return id;
    const near: string[] = [];
    for (const type of types)
      if (type.kind === 'func' && type.name.startsWith(name.slice(0, 2))) near.push(type.name);
    throw new BpfError(
      `Cannot ${purposeOf(attempt).action}: kernel BTF has no function "${name}"${didYouMean(name, near)}`,
      { code: 'ERR_BPF_ATTACH_TARGET' },
    );
  });
}

/** The numbers of the functions that match, can be traced, and have the form that is needed. */
function idsMatching(types: BtfTypes, { pattern = '', tracefs }: TracingMultiOptions): number[] {
  const { names, source } = functionsMatching(WHAT, pattern, tracefs);
  const ids = new Set<number>();
  for (const name of names) {
    const id = typeIdIn(types, 'func', name);
    if (id !== undefined && isTraceable(types, id)) ids.add(id);
  }
  if (ids.size > 0) return [...ids];
  throw new BpfError(
    `Cannot find a kernel function that matches "${pattern}": ${source} has ${names.length}, but none of them has a form in kernel BTF that can be traced`,
    { code: 'ERR_BPF_ATTACH_TARGET' },
  );
}

/**
 * Attaches a program of type `tracing`, loaded for `trace_fentry_multi`, `trace_fexit_multi` or `trace_fsession_multi`,
 * to any number of kernel functions at once: those that are named, or all that match a pattern. Functions of modules are
 * not among them.
 *
 * The kernel checks the right, CAP_PERFMON, when the program is loaded, so this works under a BPF token. Linux >= 7.2,
 * on x86-64. If the link is forgotten, the garbage collector closes it: see {@link Link.keep}.
 *
 * @throws BpfError `ERR_BPF_ATTACH_TARGET` if kernel BTF has no such function, `EINVAL` or `ENOENT` if one cannot be
 *   traced, `EOPNOTSUPP` on machines without this
 * @throws NotSupportedError on a kernel without BTF
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachTracingMulti(program: Program, options: TracingMultiOptions): Link {
  rejectUnknownOptions(WHAT, options, ['functions', 'pattern', 'cookies', 'tracefs']);
  checkType(WHAT, program, ['tracing'], options);
  const attachType = attachTypeOf(program);
  const { functions, pattern, cookies } = options;
  if (functions !== undefined && pattern !== undefined) {
    throw new TypeError(`${WHAT}: give functions or pattern, not both`);
  }
  if (pattern === undefined) {
    if (functions !== undefined) checkArray(`${WHAT}: functions`, functions);
    checkLists(WHAT, functions ?? [], cookies);
    for (const name of functions ?? []) cText(`${WHAT}: functions`, name);
  } else if (cookies !== undefined) {
    throw new TypeError(
      `${WHAT}: cookies belong to functions: a pattern does not say in which order they come`,
    );
  }
  const few = functions?.slice(0, 3).join(', ');
  const attempt: Attempt = {
    program,
    target:
      few === undefined
        ? `kernel functions that match ${pattern}`
        : `kernel functions ${few}${(functions?.length ?? 0) > 3 ? ' \u2026' : ''}`,
    since: SINCE,
    explain: {
      EINVAL: () => tooOld(SINCE) ?? 'one of the functions cannot be traced',
      ENOENT: 'one of the functions cannot be traced: see available_filter_functions in tracefs',
      EOPNOTSUPP: 'this machine, or the way the kernel was built, does not allow it',
      EBUSY: 'one of the functions is traced in a way that excludes this one',
    },
  };
  const types = kernelBtf();
  const ids = pattern === undefined ? idsOf(attempt, types, functions ?? []) : idsMatching(types, options);
  return createLink(attempt, attachType, {
    tracing_multi: {
      ids: new Uint8Array(Uint32Array.from(ids).buffer),
      cookies: cookies === undefined ? undefined : words(cookies),
      cnt: ids.length,
    },
  });
}
