import { BpfError, OURS, rejectUnknownOptions, wrongType } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { Fd, onlineCpus, openDirectory, perfEventMaxRate, possibleCpus } from '../../sys/index.ts';
import type { Link } from '../link.ts';
import { LinkGroup } from '../link-group.ts';
import { checkProcess, EVERY_PROCESS } from '../numbers.ts';
import { type Attempt, checkType, LINK_TO_PERF_EVENT, openPlace, tooOld } from '../problems.ts';
import { attachToPerfEvent, refusedPerfEvent } from './perf-attr.ts';
import { type PerfEventChoice, perfEventNumbers } from './perf-event-names.ts';

/** What {@link attachPerfEvent} attaches to. */
export interface PerfEventOptions {
  /** A name, or the numbers of `struct perf_event_attr`. */
  readonly event: PerfEventChoice;
  /** Runs the program at every N-th event. Default: 1, every event. */
  readonly period?: number | bigint | undefined;
  /** Runs the program about this many times a second, instead of after a period. */
  readonly frequency?: number | bigint | undefined;
  /** The process, or 0 for this thread. Default: -1, every process. */
  readonly processId?: number | undefined;
  /**
   * The CPU; or `all` for a link on each CPU that is online now. Default: every CPU with a single link, which only the
   * events of a process can have.
   */
  readonly cpu?: number | 'all' | undefined;
  /**
   * Only the processes in this cgroup and below it: its folder, or an open descriptor of that. The folder must be in the
   * hierarchy that has the controller `perf_event`, which is version 2 unless that is mounted as version 1. Give `cpu`
   * too, and no `processId`.
   */
  readonly cgroup?: string | Fd | number | undefined;
  /** A number that the program reads with `get_attach_cookie`. */
  readonly cookie?: number | bigint | undefined;
}

const OPTIONS = ['event', 'period', 'frequency', 'processId', 'cpu', 'cgroup', 'cookie'];
const WHAT = 'attachPerfEvent';
const UNOPENED = (): string => 'the folder of the cgroup cannot be opened: see "findmnt -t cgroup2"';

/** Explains a refused event if /sys shows that the CPU is missing or offline. */
function noSuchCpu(cpu: number): string | undefined {
  if (cpu === -1) return undefined;
  try {
    const online = onlineCpus();
    if (online.includes(cpu)) return undefined;
    return `CPU ${cpu} ${possibleCpus().includes(cpu) ? 'is offline' : 'does not exist'}: online are ${online.join(', ')}`;
  } catch {
    return undefined;
  }
}

/** Explains a refused event if it is wanted more often than the kernel allows. */
function tooOften(frequency: number | bigint | undefined): string | undefined {
  const limit = frequency === undefined ? undefined : perfEventMaxRate();
  if (limit === undefined || frequency === undefined || frequency <= limit) return undefined;
  return `the frequency is above kernel.perf_event_max_sample_rate, which is ${limit} now`;
}

/** @throws TypeError, RangeError */
function check({ processId = EVERY_PROCESS, cpu = -1, cgroup, period, frequency }: PerfEventOptions): void {
  checkProcess(WHAT, processId);
  if (cpu !== 'all' && typeof cpu !== 'number') throw wrongType(`${WHAT}: cpu`, 'a number or "all"', cpu);
  if (cpu !== 'all' && (!Number.isInteger(cpu) || cpu < -1 || cpu > 0x7fff_ffff)) {
    throw new RangeError(`${WHAT}: cpu must be the number of a CPU or -1 for all, got ${cpu}`);
  }
  if (cgroup !== undefined && processId !== EVERY_PROCESS) {
    throw new TypeError(`${WHAT}: give processId or cgroup, not both`);
  }
  if (cgroup !== undefined && cpu === -1) {
    throw new TypeError(
      `${WHAT}: give cpu: an event of a cgroup watches one CPU (cpu: "all" makes one for each)`,
    );
  }
  if (processId === EVERY_PROCESS && cpu === -1) {
    throw new TypeError(`${WHAT}: give processId or cpu: an event watches one process or one CPU`);
  }
  if (period !== undefined && frequency !== undefined) {
    throw new TypeError(`${WHAT}: give period or frequency, not both`);
  }
}

function attemptFor(program: Program, options: PerfEventOptions, cpu: number): Attempt {
  const { event, frequency, processId = EVERY_PROCESS, cgroup } = options;
  const whose = [
    processId === EVERY_PROCESS ? '' : ` of process ${processId || 'self'}`,
    cgroup === undefined ? '' : ` of ${typeof cgroup === 'string' ? `cgroup ${cgroup}` : 'a cgroup'}`,
    cpu === -1 ? '' : ` on CPU ${cpu}`,
  ];
  return {
    program,
    target: `perf event ${perfEventNumbers(WHAT, event).text}${whose.join('')}`,
    since: LINK_TO_PERF_EVENT,
    explain: {
      ...refusedPerfEvent({ capability: 'perfmon', paranoid: processId === EVERY_PROCESS ? 0 : 1 }),
      EINVAL: () =>
        noSuchCpu(cpu) ??
        tooOld(LINK_TO_PERF_EVENT) ??
        tooOften(frequency) ??
        `the machine does not accept this event with these settings${cgroup === undefined ? '' : ', or the kernel was built without CONFIG_CGROUP_PERF'}`,
      ENOENT:
        cgroup === undefined
          ? 'this machine has no such event: virtual machines often lack the events of the processor, but every machine has cpu_clock'
          : 'the cgroup does not have the controller perf_event: see /proc/cgroups for its hierarchy; in version 2, a new system has it only after some controller was enabled in cgroup.subtree_control of the parent. Or this machine has no such event',
      EBADF:
        'the folder is not a cgroup of the hierarchy that has the controller perf_event: see /proc/cgroups and "findmnt -t cgroup2,cgroup"',
      EOPNOTSUPP: 'this machine cannot sample such events',
      ENODEV: () => noSuchCpu(cpu) ?? 'the CPU is offline',
      ESRCH: 'there is no such process',
    },
  };
}

/** Whether a CPU has gone offline since it was found online. */
function wentOffline(error: unknown, cpu: number): boolean {
  return BpfError.is(error) && error.code === 'ENODEV' && noSuchCpu(cpu) !== undefined;
}

/** Attaches on each CPU that is online, or on none. */
function attachOnAll(attachOn: (cpu: number) => Link): LinkGroup {
  const links: Link[] = [];
  let gone: unknown;
  try {
    for (const cpu of onlineCpus()) {
      try {
        links.push(attachOn(cpu));
      } catch (error) {
        if (!wentOffline(error, cpu)) throw error;
        gone = error;
      }
    }
    const [first, ...others] = links;
    if (first === undefined) throw gone;
    return new LinkGroup(OURS, first, others);
  } catch (error) {
    for (const link of links) link.close();
    throw error;
  }
}

/**
 * Attaches a program to a counted event: of the processor, of a clock, or of the kernel. To profile the whole machine,
 * give `cpu: 'all'`: that makes a {@link LinkGroup} with a link on each CPU that is online. If one of them is refused,
 * none stays.
 *
 * Needs CAP_PERFMON in the initial user namespace, or CAP_SYS_ADMIN if `kernel.perf_event_paranoid` is 3 or more. Needs
 * no capability if `kernel.perf_event_paranoid` is 0 or less, or if it is 1 and `processId` is a process of your own. A
 * BPF token does not help. Linux >= 5.15. If the link is forgotten, the garbage collector closes it: see
 * {@link Link.keep}.
 *
 * @throws BpfError `ENOENT` if the machine has no such event, `EINVAL` or `ENODEV` if the CPU does not exist or is
 *   offline, `ESRCH`, `EACCES`; `EBADF` if the folder is not a cgroup for perf events
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachPerfEvent(
  program: Program,
  options: PerfEventOptions & { readonly cpu: 'all' },
): LinkGroup;
export function attachPerfEvent(program: Program, options: PerfEventOptions): Link;
export function attachPerfEvent(program: Program, options: PerfEventOptions): Link {
  rejectUnknownOptions(WHAT, options, OPTIONS);
  checkType(WHAT, program, ['perf_event'], options);
  check(options);
  const { event, period, frequency, processId = EVERY_PROCESS, cpu = -1, cgroup: place, cookie } = options;
  const { type, config } = perfEventNumbers(WHAT, event);
  const attr = { type, config, period, frequency };
  const attempt = attemptFor(program, options, cpu === 'all' ? -1 : cpu);
  using folder = typeof place === 'string' ? openPlace(attempt, openDirectory(place), UNOPENED) : undefined;
  const cgroup = folder?.value ?? (place instanceof Fd ? place.value : (place as number | undefined));
  if (cpu !== 'all') return attachToPerfEvent(attempt, attr, { processId, cpu, cgroup }, cookie);
  return attachOnAll((each) =>
    attachToPerfEvent(attemptFor(program, options, each), attr, { processId, cpu: each, cgroup }, cookie),
  );
}
