import { uprobeMultiFlags } from '../abi/index.ts';
import { rejectUnknownOptions } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { createLink } from './create.ts';
import type { Link } from './link.ts';
import { attachTypeOf, checkLists, notLoadedFor, words } from './multi-lists.ts';
import { checkProcess, EVERY_PROCESS } from './numbers.ts';
import { checkType, tooOld } from './problems.ts';
import { cText } from './text.ts';
import { fileProblems, placesInFile, whyNoPlace } from './uprobe.ts';

/** Where {@link attachUprobeMulti} attaches. */
export interface UprobeMultiOptions {
  /** The program or library. */
  readonly path: string;
  /** Symbols of functions (`NAME`, `NAME@VERSION`), or offsets in the file. */
  readonly places: readonly (string | number)[];
  /** Attaches to the functions' returns instead of their starts. */
  readonly return?: boolean | undefined;
  /** The process, or 0 for this one. Default: -1, every process that runs the file. */
  readonly processId?: number | undefined;
  /** A number for each place, which the program reads with `get_attach_cookie`. */
  readonly cookies?: readonly (number | bigint)[] | undefined;
}

/**
 * Attaches a program of type `kprobe`, loaded for `trace_uprobe_multi` (or `trace_uprobe_session`), to any number of
 * places of a program or library at once. The kernel checks the right, CAP_PERFMON, when the program is loaded.
 * Linux >= 6.6
 *
 * @throws BpfError `ERR_BPF_NO_SYMBOL`, `ERR_BPF_AMBIGUOUS_SYMBOL`, `ERR_BPF_INDIRECT_SYMBOL`, ... as for
 *   `attachUprobe`; FormatError
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachUprobeMulti(program: Program, options: UprobeMultiOptions): Link {
  const what = 'attachUprobeMulti';
  rejectUnknownOptions(what, options, ['path', 'places', 'return', 'processId', 'cookies']);
  checkType(what, program, ['kprobe'], options);
  const { path, places, return: atReturn = false, cookies } = options;
  const processId = checkProcess(what, options.processId ?? EVERY_PROCESS);
  checkLists(what, places, cookies);
  const pathText = cText(`${what}: path`, path);
  const wanted = places.map((place) => (typeof place === 'string' ? { function: place } : { offset: place }));
  const offsets = placesInFile(what, path, wanted);
  const since = { feature: 'a link to several places of a program', version: '6.6' };
  const attempt = {
    program,
    target: `${places.slice(0, 3).join(', ')}${places.length > 3 ? ' \u2026' : ''} in ${path}`,
    since,
    explain: {
      ...fileProblems(path, offsets),
      EINVAL: () => tooOld(since) ?? notLoadedFor(program, 'trace_uprobe_multi') ?? whyNoPlace(path, offsets),
      EBADF: 'it is not a file',
    },
  };
  const attachType = attachTypeOf(what, program, ['trace_uprobe_multi', 'trace_uprobe_session']);
  return createLink(attempt, attachType, {
    uprobe_multi: {
      path: pathText,
      offsets: words(offsets),
      cookies: cookies === undefined ? undefined : words(cookies),
      cnt: places.length,
      flags: atReturn ? uprobeMultiFlags.return : 0,
      // For the kernel 0 means every process here.
      pid: processId === EVERY_PROCESS ? 0 : processId || process.pid,
    },
  });
}
