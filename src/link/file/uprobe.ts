import { checkBoolean, checkInteger, rejectUnknownOptions, U32 } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { parseSectionName } from '../../sections/index.ts';
import { lineToChange } from '../kernel/lesser-hook.ts';
import { attachToPerfEvent, probeSource, refusedPerfEvent } from '../kernel/perf-attr.ts';
import type { Link } from '../link.ts';
import { checkProcess, EVERY_PROCESS } from '../numbers.ts';
import { type Attempt, checkType, LINK_TO_PERF_EVENT, tooOld } from '../problems.ts';
import { resolveExecutable } from './executable/index.ts';
import { checkPlaces, fileProblems, placesInFile, whyNoPlace } from './file-places.ts';

/** Where {@link attachUprobe} attaches. */
export interface UprobeOptions {
  /**
   * The program or library. Without a `/`, it is a name: of a library (`libc.so.6`, or `libssl` for its newest version),
   * which is looked up as the dynamic loader does, or of a program in PATH. If `processId` names a process with another
   * mount namespace or root, the path is one of that process's, and symbolic links in it lead to files of that process.
   */
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
  /**
   * Where in the file a 16-bit counter is that says how many probes are attached. The kernel counts it up in each
   * process that is watched. Programs test it to skip work that only probes need (the semaphore of a USDT probe).
   */
  readonly refCounterOffset?: number | undefined;
}

const OPTIONS = ['path', 'function', 'offset', 'return', 'processId', 'cookie', 'refCounterOffset'];

/** The line to write instead, if the program says which section it came from. */
function sectionInstead(program: Program, offset: number): string {
  const { section, attachTo } = program;
  const kind = section === undefined ? undefined : parseSectionName(section)?.kind.name;
  const multi = kind === undefined ? undefined : /^(uprobe|uretprobe)(\.s)?$/.exec(kind);
  if (multi === null || multi === undefined) return '';
  const target = attachTo === undefined || offset !== 0 ? '' : `/${attachTo}`;
  return lineToChange(program, [`${multi[1]}.multi${multi[2] ?? ''}${target}`]);
}

/**
 * Attaches a program of type `kprobe` to a function of a program or library: at its start, inside it, or at its return.
 * A link that is forgotten is closed by the garbage collector: see {@link Link.keep}.
 *
 * Needs CAP_SYS_ADMIN in the initial user namespace. With fewer rights, or under a BPF token, use
 * {@link attachUprobeMulti}. To watch a process of another user or mount namespace, it needs CAP_SYS_PTRACE too.
 * Linux >= 5.15
 *
 * @throws NotSupportedError on a kernel without uprobes (CONFIG_UPROBE_EVENTS)
 * @throws BpfError `ERR_BPF_NO_SYMBOL` if the file has no such function, `ERR_BPF_AMBIGUOUS_SYMBOL` if it has several
 *   of that name, `ERR_BPF_INDIRECT_SYMBOL` if the function is chosen when a program starts (glibc's `strlen`),
 *   `ERR_BPF_NOT_A_FILE`, `ERR_BPF_NO_SYSFS` if /sys is not mounted, `ENOENT` if there is no such file (for a name: with
 *   the places that were searched), `ESRCH` if there is no such process, `EPERM`, `EACCES`, ...; FormatError
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachUprobe(program: Program, options: UprobeOptions): Link {
  const what = 'attachUprobe';
  rejectUnknownOptions(what, options, OPTIONS);
  checkType(what, program, ['kprobe'], options);
  const { function: name, offset = 0, return: atReturn = false, cookie, refCounterOffset = 0 } = options;
  checkBoolean(`${what}: return`, atReturn);
  // The perf event has 32 bits for it.
  checkInteger(`${what}: refCounterOffset`, refCounterOffset, ...U32);
  const processId = checkProcess(what, options.processId ?? EVERY_PROCESS);
  checkPlaces(what, [options]);
  if (atReturn && name !== undefined && offset !== 0) {
    // The kernel would take what lies on the stack there for the address to return to.
    throw new TypeError(`${what}: offset and return exclude each other: a function returns from its start`);
  }
  const file = resolveExecutable(what, options.path, processId);
  const [place = 0] = placesInFile(file, [options]);
  const inside = name === undefined ? `0x${place.toString(16)}` : `function ${name}`;
  const attempt: Attempt = {
    program,
    target: `${atReturn ? 'return of ' : ''}${inside} in ${file.shown}`,
    explain: {
      ...fileProblems(file, [place]),
      EINVAL: () => tooOld(LINK_TO_PERF_EVENT) ?? whyNoPlace(file, [place]),
      ...refusedPerfEvent({
        capability: 'sys_admin',
        other: () =>
          `links to functions of a file (attachUprobeMulti) need no capability to attach${sectionInstead(program, offset)}`,
      }),
    },
  };
  const source = probeSource(attempt, 'uprobe');
  let config = atReturn ? 1n << BigInt(source.bit('retprobe')) : 0n;
  if (refCounterOffset !== 0) config |= BigInt(refCounterOffset) << BigInt(source.bit('ref_ctr_offset'));
  const config1 = Buffer.from(`${file.path}\0`);
  const attr = { type: source.type, config, config1, config2: place };
  const cpu = processId === EVERY_PROCESS ? 'any' : -1;
  return attachToPerfEvent(attempt, attr, { processId, cpu }, cookie);
}
