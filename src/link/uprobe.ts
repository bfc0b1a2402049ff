import { rejectUnknownOptions } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { functionOffsets } from './elf-function.ts';
import type { Link } from './link.ts';
import { checkOffset, checkProcess, EVERY_PROCESS } from './numbers.ts';
import { anyCpu, attachToPerfEvent, probeSource, refusedPerfEvent } from './perf-attr.ts';
import { type Attempt, checkType, type Explanations, LINK_TO_PERF_EVENT, tooOld } from './problems.ts';
import { cText } from './text.ts';

const { statSync } = process.getBuiltinModule('node:fs');

/** Where {@link attachUprobe} attaches. */
export interface UprobeOptions {
  /** The program or library. */
  readonly path: string;
  /**
   * The symbol of a function. In libraries with versions, the name alone means the default version, and `NAME@VERSION`
   * means that version. Without a function, `offset` counts from the start of the file.
   */
  readonly function?: string | undefined;
  /** Bytes from the function's start, or from the start of the file. Default: 0 */
  readonly offset?: number | undefined;
  /** Attaches to the function's return instead of its start. */
  readonly return?: boolean | undefined;
  /** The process, or 0 for this one. Default: -1, every process that runs the file. */
  readonly processId?: number | undefined;
  /** A number that the program reads with `get_attach_cookie`. */
  readonly cookie?: number | bigint | undefined;
}

const OPTIONS = ['path', 'function', 'offset', 'return', 'processId', 'cookie'];

/** A place in a file: a function, an offset from its start, or an offset from the start of the file. */
export interface PlaceInFile {
  readonly function?: string | undefined;
  readonly offset?: number | undefined;
}

/** Finds the offset of each place in the file. Reads the file only once. */
export function placesInFile(what: string, path: string, places: readonly PlaceInFile[]): number[] {
  for (const { function: name, offset = 0 } of places) {
    if (name !== undefined) cText(`${what}: function`, name);
    checkOffset(what, offset);
    // At offset 0 is the ELF header.
    if (name === undefined && offset === 0) {
      throw new TypeError(`${what}: give a function, or an offset in the file`);
    }
  }
  const names = new Set(places.flatMap(({ function: name }) => name ?? []));
  const offsets = functionOffsets(path, [...names]);
  const starts = new Map([...names].map((name, index) => [name, offsets[index] ?? 0]));
  return places.map(({ function: name, offset = 0 }) => (starts.get(name ?? '') ?? 0) + offset);
}

/** What an errno means for places in a file. */
export function fileProblems(path: string, places: readonly number[]): Explanations {
  return {
    ENOENT: 'there is no such file in the mount namespace of this process',
    EINVAL: () => whyNoPlace(path, places),
    EOPNOTSUPP: 'the instruction there cannot be probed: take another offset',
    ENOTSUPP: 'the instruction there cannot be probed: take another offset',
    EIO: 'the instruction there cannot be read: it is outside the file, or the file system does not allow it',
    ESRCH: 'there is no such process',
  };
}

/** Why the kernel takes no probe there, as far as the file's type and size say. */
export function whyNoPlace(path: string, places: readonly number[]): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isFile()) return `${path} is not a regular file`;
  const outside = places.find((place) => place >= stat.size);
  if (outside === undefined) return 'no instruction there can be probed, or the file system cannot map files';
  return `offset 0x${outside.toString(16)} is outside the file, which has ${stat.size} bytes`;
}

/**
 * Attaches a program of type `kprobe` to a function of a program or library: at its start, inside it, or at its return.
 *
 * Needs CAP_SYS_ADMIN in the initial user namespace. With fewer rights, or under a BPF token, use
 * {@link attachUprobeMulti}. Linux >= 5.15
 *
 * @throws NotSupportedError on a kernel without uprobes (CONFIG_UPROBE_EVENTS)
 * @throws BpfError `ERR_BPF_NO_SYMBOL` if the file has no such function, `ERR_BPF_AMBIGUOUS_SYMBOL` if it has several
 *   of that name, `ERR_BPF_INDIRECT_SYMBOL` if the function is chosen when a program starts (glibc's `strlen`),
 *   `ERR_BPF_NOT_A_FILE`, `ERR_BPF_NO_SYSFS` if /sys is not mounted, `EPERM`, `EACCES`, `ENOENT`, ...; FormatError
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachUprobe(program: Program, options: UprobeOptions): Link {
  rejectUnknownOptions('attachUprobe', options, OPTIONS);
  checkType('attachUprobe', program, ['kprobe'], options);
  const { path, function: name, return: atReturn = false, cookie } = options;
  const processId = checkProcess('attachUprobe', options.processId ?? EVERY_PROCESS);
  const config1 = cText('attachUprobe: path', path);
  const [place = 0] = placesInFile('attachUprobe', path, [options]);
  const attempt: Attempt = {
    program,
    target: `${atReturn ? 'return of ' : ''}${name === undefined ? `0x${place.toString(16)}` : `function ${name}`} in ${path}`,
    explain: {
      ...fileProblems(path, [place]),
      EINVAL: () => tooOld(LINK_TO_PERF_EVENT) ?? whyNoPlace(path, [place]),
      ...refusedPerfEvent({
        capability: 'sys_admin',
        other: 'links to functions of a file (attachUprobeMulti) need no capability to attach',
      }),
    },
  };
  const source = probeSource(attempt, 'uprobe');
  const config = atReturn ? 1n << BigInt(source.bit('retprobe')) : 0n;
  const attr = { type: source.type, config, config1, config2: place };
  const cpu = processId === EVERY_PROCESS ? anyCpu() : -1;
  return attachToPerfEvent(attempt, attr, { processId, cpu }, cookie);
}
