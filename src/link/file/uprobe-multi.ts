import { uprobeMultiFlags } from '../../abi/index.ts';
import { checkArray, checkBoolean, rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { attachTypeOf, checkLists, notLoadedFor, words } from '../multi-lists.ts';
import { checkOffset, checkProcess, EVERY_PROCESS } from '../numbers.ts';
import { type Attempt, checkType, tooOld } from '../problems.ts';
import { cText } from '../text.ts';
import { matchingOffsets } from './elf-pattern.ts';
import { type Executable, resolveExecutable } from './executable/index.ts';
import { checkPlaces, fileProblems, type PlaceInFile, placesInFile, whyNoPlace } from './file-places.ts';

/** Where {@link attachUprobeMulti} attaches. */
export interface UprobeMultiOptions {
  /**
   * The program or library. Without a `/`, it is a name: of a library (`libc.so.6`, or `libssl` for its newest version),
   * which is looked up as the dynamic loader does, or of a program in PATH. If `processId` names a process with another
   * mount namespace or root, the path is one of that process's, and symbolic links in it lead to files of that process.
   */
  readonly path: string;
  /** Symbols of functions (`NAME`, `NAME@VERSION`), or offsets in the file. */
  readonly places?: readonly (string | number)[] | undefined;
  /**
   * Instead of places: all functions whose names match. `*` stands for any characters, `?` for one. Includes functions
   * that only the file itself can call, and each version of a function.
   */
  readonly pattern?: string | undefined;
  /** Attaches to the functions' returns instead of their starts. Sessions run at both, and do not take it. */
  readonly return?: boolean | undefined;
  /** The process, or 0 for this one. Default: -1, every process that runs the file. */
  readonly processId?: number | undefined;
  /** A number for each place, which the program reads with `get_attach_cookie`. */
  readonly cookies?: readonly (number | bigint)[] | undefined;
  /**
   * For each place: where in the file a 16-bit counter is that says how many probes are attached, or 0 if there is none.
   * The kernel counts it up in each process that is watched.
   */
  readonly refCounterOffsets?: readonly number[] | undefined;
}

const OPTIONS = ['path', 'places', 'pattern', 'return', 'processId', 'cookies', 'refCounterOffsets'];

const SINCE = { feature: 'a link to several places of a program', version: '6.6' } as const;
const SESSION = { feature: 'a session of a function', version: '6.13' } as const;

/** What the kernel allows for one link (MAX_UPROBE_MULTI_CNT in the Linux source). */
const MOST = 2 ** 20;

/** Checks the options that lists depend on, and makes the list of places. `undefined` if a pattern stands for it. */
function checkWanted(what: string, options: UprobeMultiOptions): PlaceInFile[] | undefined {
  const { places, pattern, cookies, refCounterOffsets: counters } = options;
  if (counters !== undefined) {
    checkArray(`${what}: refCounterOffsets`, counters);
    for (const counter of counters) checkOffset(what, counter, 'refCounterOffsets');
  }
  if (pattern !== undefined) {
    cText(`${what}: pattern`, pattern);
    const other = Object.entries({ places, cookies, refCounterOffsets: counters }).find(
      ([, value]) => value !== undefined,
    );
    if (other === undefined) return undefined;
    throw new TypeError(
      `${what}: pattern and ${other[0]} exclude each other: a pattern stands for any number of places`,
    );
  }
  if (places === undefined) throw new TypeError(`${what}: give places, or a pattern`);
  checkLists(what, places, cookies);
  if (counters !== undefined && counters.length !== places.length) {
    throw new RangeError(
      `${what}: ${counters.length} refCounterOffsets for ${places.length} places: give one for each place, 0 for none`,
    );
  }
  const wanted = places.map((place) => (typeof place === 'string' ? { function: place } : { offset: place }));
  checkPlaces(what, wanted);
  return wanted;
}

/** `main, read_line, 0x1230 ...` */
function placesText({ places = [], pattern }: UprobeMultiOptions): string {
  if (pattern !== undefined) return pattern;
  const text = places
    .slice(0, 3)
    .map((place) => (typeof place === 'string' ? place : `0x${place.toString(16)}`));
  return `${text.join(', ')}${places.length > 3 ? ' \u2026' : ''}`;
}

function attemptOf(
  program: Program,
  file: Executable,
  offsets: readonly number[],
  options: UprobeMultiOptions,
): Attempt {
  const since = program.attachType === 'trace_uprobe_session' ? SESSION : SINCE;
  return {
    program,
    target: `${placesText(options)} in ${file.shown}`,
    since,
    explain: {
      ...fileProblems(file, offsets),
      EINVAL: () => tooOld(since) ?? notLoadedFor(program, 'trace_uprobe_multi') ?? whyNoPlace(file, offsets),
      E2BIG: () => `these are ${offsets.length} places, and a link takes ${MOST} at most`,
      EBADF: 'it is not a file',
    },
  };
}

/**
 * Attaches a program of type `kprobe`, loaded for `trace_uprobe_multi` (or `trace_uprobe_session`), to any number of
 * places of a program or library at once. A session (Linux >= 6.13) runs at the start of each function and at its
 * return, which the kernel function `bpf_session_is_return` tells apart. What it returns at the start decides: 1 leaves
 * out the run at the return. A link that is forgotten is closed by the garbage collector: see {@link Link.keep}.
 *
 * The kernel checks the right, CAP_PERFMON, when the program is loaded, where a BPF token helps. To watch a process of
 * another user or mount namespace, it needs CAP_SYS_PTRACE too. Linux >= 6.6
 *
 * @throws BpfError `ERR_BPF_NO_SYMBOL` if the file has no such function, or none that matches,
 *   `ERR_BPF_AMBIGUOUS_SYMBOL`, `ERR_BPF_INDIRECT_SYMBOL`, `ENOENT`, `ESRCH`, ... as for {@link attachUprobe}; `E2BIG`
 *   for more than a million places; FormatError
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachUprobeMulti(program: Program, options: UprobeMultiOptions): Link {
  const what = 'attachUprobeMulti';
  rejectUnknownOptions(what, options, OPTIONS);
  checkType(what, program, ['kprobe'], options);
  const { path, pattern = '', return: atReturn = false, cookies, refCounterOffsets } = options;
  checkBoolean(`${what}: return`, atReturn);
  const processId = checkProcess(what, options.processId ?? EVERY_PROCESS);
  const wanted = checkWanted(what, options);
  const attachType = attachTypeOf(what, program, ['trace_uprobe_multi', 'trace_uprobe_session']);
  if (atReturn && attachType === 'trace_uprobe_session') {
    throw new TypeError(`${what}: a session runs at the return of each function as well: leave out return`);
  }
  const file = resolveExecutable(what, path, processId);
  const offsets = wanted === undefined ? matchingOffsets(file, pattern) : placesInFile(file, wanted);
  return createLink(attemptOf(program, file, offsets, options), attachType, {
    uprobe_multi: {
      path: Buffer.from(`${file.path}\0`),
      offsets: words(offsets),
      ref_ctr_offsets: refCounterOffsets === undefined ? undefined : words(refCounterOffsets),
      cookies: cookies === undefined ? undefined : words(cookies),
      cnt: offsets.length,
      flags: atReturn ? uprobeMultiFlags.return : 0,
      // For the kernel 0 means every process here.
      pid: processId === EVERY_PROCESS ? 0 : processId || process.pid,
    },
  });
}
