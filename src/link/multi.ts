import type { AttachType } from '../abi/index.ts';
import { kprobeMultiFlags, uprobeMultiFlags } from '../abi/index.ts';
import { rejectUnknownOptions } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { addressOf } from '../sys/index.ts';
import { createLink } from './create.ts';
import type { Link } from './link.ts';
import { checkProcess, EVERY_PROCESS } from './numbers.ts';
import { checkType, programText, tooOld } from './problems.ts';
import { cText } from './text.ts';
import { fileProblems, placesInFile, whyNoPlace } from './uprobe.ts';

/** Where {@link attachKprobeMulti} attaches. */
export interface KprobeMultiOptions {
  /** The kernel functions, by their names in /proc/kallsyms. */
  readonly functions: readonly string[];
  /** Attaches to the functions' returns instead of their starts. */
  readonly return?: boolean | undefined;
  /** A number for each function, which the program reads with `get_attach_cookie`. */
  readonly cookies?: readonly (number | bigint)[] | undefined;
}

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

const ADDRESS_SIZE = 8;

/** A list of texts as the kernel takes it: their addresses, then in the same memory the texts. */
function textList(texts: readonly Uint8Array[]): Uint8Array {
  const start = texts.length * ADDRESS_SIZE;
  const list = new Uint8Array(start + texts.reduce((sum, { length }) => sum + length, 0));
  const addresses = new BigUint64Array(list.buffer, 0, texts.length);
  let at = start;
  for (const [index, text] of texts.entries()) {
    list.set(text, at);
    addresses[index] = BigInt(addressOf(list) + at);
    at += text.length;
  }
  return list;
}

const words = (values: readonly (number | bigint)[]): Uint8Array =>
  new Uint8Array(BigUint64Array.from(values, BigInt).buffer);

function checkLists(what: string, places: readonly unknown[], cookies: readonly unknown[] | undefined): void {
  if (!Array.isArray(places) || places.length === 0)
    throw new TypeError(`${what}: give at least one function`);
  if (cookies !== undefined && cookies.length !== places.length) {
    throw new RangeError(
      `${what}: ${cookies.length} cookies for ${places.length} places: give one for each place`,
    );
  }
}

/** A possible cause: a program opened by pin or id does not say what it was loaded for. */
function notLoadedFor({ attachType }: Program, expected: AttachType): string | undefined {
  return attachType === undefined ? `the program may not have been loaded for ${expected}` : undefined;
}

/** Checks that the program was loaded for one of these types. If it does not say, the first is used. */
function attachTypeOf(what: string, program: Program, types: readonly [AttachType, AttachType]): AttachType {
  const { attachType } = program;
  if (attachType === undefined) return types[0];
  const found = types.find((type) => type === attachType);
  if (found !== undefined) return found;
  throw new TypeError(`${what}: ${programText(program)} must be loaded for ${types[0]}, not ${attachType}`);
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
