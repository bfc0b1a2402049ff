import { kprobeMultiFlags } from '../../abi/index.ts';
import { checkArray, rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { kernelFunctionNames } from '../../sys/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { attachTypeOf, checkLists, notLoadedFor, textList, words } from '../multi-lists.ts';
import { checkType, programText, tooOld } from '../problems.ts';
import { cText } from '../text.ts';
import { functionsMatching, type MatchingFunctions } from './function-pattern.ts';

/** Where {@link attachKprobeMulti} attaches. Give `functions` or `pattern`. */
export interface KprobeMultiOptions {
  /** The kernel functions, by their names in /proc/kallsyms. */
  readonly functions?: readonly string[] | undefined;
  /**
   * All kernel functions whose names match and that can be traced: `vfs_*`, where `*` stands for any text and `?` for
   * any character.
   */
  readonly pattern?: string | undefined;
  /** Attaches to the functions' returns instead of their starts. Not for sessions, which run at both. */
  readonly return?: boolean | undefined;
  /** A number for each of `functions`, which the program reads with `get_attach_cookie`. */
  readonly cookies?: readonly (number | bigint)[] | undefined;
  /** Where tracefs is mounted, which lists the functions for a pattern. Default: as /proc/self/mountinfo says. */
  readonly tracefs?: string | undefined;
}

const WHAT = 'attachKprobeMulti';
const SINCE = { feature: 'a link to several kernel functions', version: '5.18' } as const;
const SESSION = { feature: 'a session of a kernel function', version: '6.10' } as const;

function find({ functions, pattern, cookies, tracefs }: KprobeMultiOptions): MatchingFunctions {
  if (functions !== undefined && pattern !== undefined) {
    throw new TypeError(`${WHAT}: give functions or pattern, not both`);
  }
  if (pattern === undefined) {
    if (functions !== undefined) checkArray(`${WHAT}: functions`, functions);
    checkLists(WHAT, functions ?? [], cookies);
    return { names: functions ?? [], addresses: undefined, source: '' };
  }
  if (cookies !== undefined) {
    throw new TypeError(
      `${WHAT}: cookies belong to functions: a pattern does not say in which order they come`,
    );
  }
  return functionsMatching(WHAT, pattern, tracefs);
}

function whyNotFound({ names, source }: MatchingFunctions): string {
  if (source !== '') {
    return `one of the ${names.length} functions cannot be traced, which only tracefs shows: they were found in ${source}: mount tracefs, or name the functions`;
  }
  const all = new Set(kernelFunctionNames());
  const missing = all.size === 0 ? [] : names.filter((name) => !all.has(name));
  const which = missing.length === 0 ? '' : `; /proc/kallsyms has no ${missing.join(', ')}`;
  return `one of them does not exist or cannot be traced: see available_filter_functions in tracefs${which}`;
}

/**
 * Attaches a program of type `kprobe`, loaded for `trace_kprobe_multi` (or `trace_kprobe_session`), to any number of
 * kernel functions at once: those that are named, or all that match a pattern.
 *
 * For a pattern, the functions come from tracefs (`available_filter_functions`). If this process cannot read that, as
 * in a user namespace, they come from /proc/kallsyms and kernel BTF, and the kernel refuses (`ESRCH`) if one of them
 * cannot be traced.
 *
 * The kernel checks the right, CAP_PERFMON, when the program is loaded, so this works under a BPF token. Linux >= 5.18,
 * sessions >= 6.10. If the link is forgotten, the garbage collector closes it: see {@link Link.keep}.
 *
 * @throws BpfError `ESRCH` if a function does not exist or cannot be traced, `ERR_BPF_ATTACH_TARGET` if no function
 *   matches the pattern, `EOPNOTSUPP` on a kernel without CONFIG_FPROBE
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachKprobeMulti(program: Program, options: KprobeMultiOptions): Link {
  rejectUnknownOptions(WHAT, options, ['functions', 'pattern', 'return', 'cookies', 'tracefs']);
  checkType(WHAT, program, ['kprobe'], options);
  const { pattern, return: atReturn = false, cookies } = options;
  const attachType = attachTypeOf(WHAT, program, ['trace_kprobe_multi', 'trace_kprobe_session']);
  const session = attachType === 'trace_kprobe_session';
  if (session && atReturn) {
    throw new TypeError(`${WHAT}: ${programText(program)} is a session, which runs at the return anyway`);
  }
  const found = find(options);
  const { names, addresses } = found;
  const syms = addresses === undefined ? names.map((name) => cText(`${WHAT}: functions`, name)) : [];
  const first = names.slice(0, 3).join(', ');
  const since = session ? SESSION : SINCE;
  const attempt = {
    program,
    target:
      pattern === undefined
        ? `kernel functions ${first}${names.length > 3 ? ' \u2026' : ''}`
        : `${names.length} kernel functions that match ${pattern}`,
    since,
    explain: {
      ESRCH: () => whyNotFound(found),
      EOPNOTSUPP: 'the kernel was built without what this needs (CONFIG_FPROBE)',
      EINVAL: () => tooOld(since) ?? notLoadedFor(program, 'trace_kprobe_multi'),
    },
  };
  return createLink(attempt, attachType, {
    kprobe_multi: {
      flags: atReturn ? kprobeMultiFlags.return : 0,
      cnt: names.length,
      ...(addresses === undefined ? { syms: textList(syms) } : { addrs: words(addresses) }),
      cookies: cookies === undefined ? undefined : words(cookies),
    },
  });
}
