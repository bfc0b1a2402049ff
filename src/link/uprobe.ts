import { rejectUnknownOptions } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { onlineCpus, perfEventSource } from '../sys/index.ts';
import { functionOffset } from './elf-function.ts';
import type { Link } from './link.ts';
import { attachToPerfEvent, refusedPerfEvent } from './perf-attr.ts';
import { type Attempt, checkType, notSupported } from './problems.ts';
import { cText } from './text.ts';

/** Where {@link attachUprobe} attaches. */
export interface UprobeOptions {
  /** The program or library. */
  readonly path: string;
  /** A function by its symbol. Without it, `offset` is from the start of the file. */
  readonly function?: string | undefined;
  /** Bytes from the function's start, or from the start of the file. Default: 0 */
  readonly offset?: number | undefined;
  /** Attaches to the function's return instead of its start. */
  readonly return?: boolean | undefined;
  /** Only in this process. Default: in every process that runs the file. */
  readonly processId?: number | undefined;
  /** A number that the program reads by `get_attach_cookie`. */
  readonly cookie?: bigint | undefined;
}

const OPTIONS = ['path', 'function', 'offset', 'return', 'processId', 'cookie'];

/** Where in the file; `undefined` function and offset would be the ELF header. */
export function placeInFile(
  what: string,
  path: string,
  place: { readonly function?: string | undefined; readonly offset?: number | undefined },
): number {
  const { function: name, offset = 0 } = place;
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new RangeError(`${what}: offset must be a whole number of bytes, got ${offset}`);
  }
  if (name !== undefined) return functionOffset(path, name) + offset;
  if (offset === 0) throw new TypeError(`${what}: give a function, or an offset in the file`);
  return offset;
}

/** Why a place in a program may be refused. */
export const FILE_PROBLEMS = {
  ENOENT: 'there is no such file in the mount namespace of this process',
  EINVAL: 'no instruction that can be probed is there, or the file is no program or library',
  ENOTSUPP: 'the instruction there cannot be probed: take another offset',
  EIO: 'the instruction there cannot be read: it is outside the file, or its file system does not allow it',
  ESRCH: 'there is no such process',
} as const;

/**
 * Attaches a program of type `kprobe` to a function of a program or library, at its start, within, or at its return.
 *
 * Needs CAP_PERFMON in the initial user namespace; under a BPF token, use {@link attachUprobeMulti}. Linux ≥ 5.15
 *
 * @throws NotSupportedError on a kernel without uprobes (CONFIG_UPROBE_EVENTS)
 * @throws BpfError `ERR_BPF_NO_SYMBOL` when the file has no such function, `EPERM`; FormatError; errors of the file system
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachUprobe(program: Program, options: UprobeOptions): Link {
  rejectUnknownOptions('attachUprobe', options, OPTIONS);
  checkType('attachUprobe', program, ['kprobe'], options);
  const { path, function: name, return: atReturn = false, processId = -1, cookie } = options;
  const config1 = cText('attachUprobe: path', path);
  const place = placeInFile('attachUprobe', path, options);
  const attempt: Attempt = {
    program,
    target: `${atReturn ? 'return of ' : ''}${name === undefined ? `0x${place.toString(16)}` : `function ${name}`} in ${path}`,
    explain: {
      ...FILE_PROBLEMS,
      ...refusedPerfEvent('a link to functions of a file (attachUprobeMulti) can be made there'),
    },
  };
  const source = perfEventSource('uprobe');
  if (source === undefined) {
    throw notSupported(
      attempt,
      'this kernel has no uprobes: it needs CONFIG_UPROBE_EVENTS=y',
      'uprobes',
      '4.17',
    );
  }
  const config = atReturn ? 1n << BigInt(source.bit('retprobe')) : 0n;
  const attr = { type: source.type, config, config1, config2: BigInt(place) };
  const cpu = processId === -1 ? (onlineCpus()[0] ?? 0) : -1;
  return attachToPerfEvent(attempt, attr, { processId, cpu }, cookie);
}
