import { perfHardwareEvents, perfSoftwareEvents, perfTypes } from '../abi/index.ts';
import { didYouMean, rejectUnknownOptions, wrongType } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { onlineCpus, possibleCpus } from '../sys/index.ts';
import type { Link } from './link.ts';
import { checkProcess, EVERY_PROCESS } from './numbers.ts';
import { attachToPerfEvent, refusedPerfEvent } from './perf-attr.ts';
import { checkType, LINK_TO_PERF_EVENT, tooOld } from './problems.ts';

/** The named events of the processor and of the kernel. */
export type PerfEventName =
  | 'cpu_cycles'
  | 'instructions'
  | 'cache_references'
  | 'cache_misses'
  | 'branch_instructions'
  | 'branch_misses'
  | 'cpu_clock'
  | 'task_clock'
  | 'page_faults'
  | 'context_switches'
  | 'cpu_migrations'
  | 'minor_faults'
  | 'major_faults';

const EVENTS: { readonly [name in PerfEventName]: readonly [type: number, config: number] } = {
  cpu_cycles: [perfTypes.hardware, perfHardwareEvents.cpu_cycles],
  instructions: [perfTypes.hardware, perfHardwareEvents.instructions],
  cache_references: [perfTypes.hardware, perfHardwareEvents.cache_references],
  cache_misses: [perfTypes.hardware, perfHardwareEvents.cache_misses],
  branch_instructions: [perfTypes.hardware, perfHardwareEvents.branch_instructions],
  branch_misses: [perfTypes.hardware, perfHardwareEvents.branch_misses],
  cpu_clock: [perfTypes.software, perfSoftwareEvents.cpu_clock],
  task_clock: [perfTypes.software, perfSoftwareEvents.task_clock],
  page_faults: [perfTypes.software, perfSoftwareEvents.page_faults],
  context_switches: [perfTypes.software, perfSoftwareEvents.context_switches],
  cpu_migrations: [perfTypes.software, perfSoftwareEvents.cpu_migrations],
  minor_faults: [perfTypes.software, perfSoftwareEvents.page_faults_min],
  major_faults: [perfTypes.software, perfSoftwareEvents.page_faults_maj],
};

/** What {@link attachPerfEvent} attaches to. */
export interface PerfEventOptions {
  /** A name, or the numbers of `struct perf_event_attr`. */
  readonly event: PerfEventName | { readonly type: number; readonly config: number | bigint };
  /** Runs the program at every N-th event. Default: 1, every event. */
  readonly period?: number | bigint | undefined;
  /** Runs the program about this many times a second, instead of after a period. */
  readonly frequency?: number | bigint | undefined;
  /** The process, or 0 for this thread. Default: -1, every process. */
  readonly processId?: number | undefined;
  /** The CPU. Default: every CPU; `processId` must then name a process. */
  readonly cpu?: number | undefined;
  /** A number that the program reads with `get_attach_cookie`. */
  readonly cookie?: number | bigint | undefined;
}

const OPTIONS = ['event', 'period', 'frequency', 'processId', 'cpu', 'cookie'];

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

/**
 * Attaches a program to a counted event: of the processor, of a clock, or of the kernel. To profile the whole machine,
 * attach to `cpu_clock` once for each CPU (`possibleCpus()`).
 *
 * Needs CAP_PERFMON in the initial user namespace, or CAP_SYS_ADMIN if `kernel.perf_event_paranoid` is 3 or more. Needs
 * no capability if `kernel.perf_event_paranoid` is 0 or less, or if it is 1 and `processId` is a process of your own.
 * Linux >= 5.15
 *
 * @throws BpfError `ENOENT` if the machine has no such event, `EINVAL` or `ENODEV` if the CPU does not exist or is
 *   offline, `ESRCH`, `EACCES`
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachPerfEvent(program: Program, options: PerfEventOptions): Link {
  rejectUnknownOptions('attachPerfEvent', options, OPTIONS);
  checkType('attachPerfEvent', program, ['perf_event'], options);
  const { event, period, frequency, cpu = -1, cookie } = options;
  const processId = checkProcess('attachPerfEvent', options.processId ?? EVERY_PROCESS);
  if (processId === EVERY_PROCESS && cpu === -1) {
    throw new TypeError('attachPerfEvent: give processId or cpu: an event watches one process or one CPU');
  }
  if (period !== undefined && frequency !== undefined) {
    throw new TypeError('attachPerfEvent: give period or frequency, not both');
  }
  if (typeof event === 'string' && !Object.hasOwn(EVENTS, event)) {
    throw new TypeError(`attachPerfEvent: unknown event "${event}"${didYouMean(event, Object.keys(EVENTS))}`);
  }
  const [type, config] = typeof event === 'string' ? EVENTS[event] : [event.type, event.config];
  const name = typeof event === 'string' ? event : `${event.type}/${event.config}`;
  const whose = [
    processId === EVERY_PROCESS ? '' : ` of process ${processId || 'self'}`,
    cpu === -1 ? '' : ` on CPU ${cpu}`,
  ];
  const attempt = {
    program,
    target: `perf event ${name}${whose.join('')}`,
    since: LINK_TO_PERF_EVENT,
    explain: {
      ...refusedPerfEvent({ capability: 'perfmon', paranoid: processId === EVERY_PROCESS ? 0 : 1 }),
      EINVAL: () =>
        noSuchCpu(cpu) ??
        tooOld(LINK_TO_PERF_EVENT) ??
        'the machine does not accept this event with these settings',
      ENOENT:
        'this machine has no such event: virtual machines often lack the events of the processor, but every machine has cpu_clock',
      EOPNOTSUPP: 'this machine cannot sample such events',
      ENODEV: () => noSuchCpu(cpu) ?? 'the CPU is offline',
      ESRCH: 'there is no such process',
    },
  };
  if (!Number.isInteger(cpu) || cpu < -1 || cpu > 0x7fff_ffff) {
    if (typeof cpu !== 'number') throw wrongType('attachPerfEvent: cpu', 'a number', cpu);
    throw new RangeError(`attachPerfEvent: cpu must be the number of a CPU or -1 for all, got ${cpu}`);
  }
  const attr = { type, config, period, frequency };
  return attachToPerfEvent(attempt, attr, { processId, cpu }, cookie);
}
