import { kprobeMultiFlags } from '../abi/index.ts';
import { rejectUnknownOptions } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { createLink } from './create.ts';
import type { Link } from './link.ts';
import { attachTypeOf, checkLists, notLoadedFor, textList, words } from './multi-lists.ts';
import { checkType, tooOld } from './problems.ts';
import { cText } from './text.ts';

/** Where {@link attachKprobeMulti} attaches. */
export interface KprobeMultiOptions {
  /** The kernel functions, by their names in /proc/kallsyms. */
  readonly functions: readonly string[];
  /** Attaches to the functions' returns instead of their starts. */
  readonly return?: boolean | undefined;
  /** A number for each function, which the program reads with `get_attach_cookie`. */
  readonly cookies?: readonly (number | bigint)[] | undefined;
}

/**
 * Attaches a program of type `kprobe`, loaded for `trace_kprobe_multi` (or `trace_kprobe_session`), to any number of
 * kernel functions at once. The kernel checks the right, CAP_PERFMON, when the program is loaded. Linux >= 5.18
 *
 * @throws BpfError `ESRCH` if a function does not exist or cannot be traced, `EOPNOTSUPP` on a kernel without
 *   CONFIG_FPROBE
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachKprobeMulti(program: Program, options: KprobeMultiOptions): Link {
  const what = 'attachKprobeMulti';
  rejectUnknownOptions(what, options, ['functions', 'return', 'cookies']);
  checkType(what, program, ['kprobe'], options);
  const { functions, return: atReturn = false, cookies } = options;
  checkLists(what, functions, cookies);
  const list = textList(functions.map((name) => cText(`${what}: functions`, name)));
  const since = { feature: 'a link to several kernel functions', version: '5.18' };
  const attempt = {
    program,
    target: `kernel functions ${functions.slice(0, 3).join(', ')}${functions.length > 3 ? ' \u2026' : ''}`,
    since,
    explain: {
      ESRCH: 'one of them does not exist or cannot be traced: see available_filter_functions in tracefs',
      EOPNOTSUPP: 'the kernel was built without what this needs (CONFIG_FPROBE)',
      EINVAL: () => tooOld(since) ?? notLoadedFor(program, 'trace_kprobe_multi'),
    },
  };
  const attachType = attachTypeOf(what, program, ['trace_kprobe_multi', 'trace_kprobe_session']);
  return createLink(attempt, attachType, {
    kprobe_multi: {
      flags: atReturn ? kprobeMultiFlags.return : 0,
      cnt: functions.length,
      syms: list,
      cookies: cookies === undefined ? undefined : words(cookies),
    },
  });
}
