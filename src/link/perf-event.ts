import { didYouMean, rejectUnknownOptions } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import type { Link } from './link.ts';
import { attachToPerfEvent, refusedPerfEvent } from './perf-attr.ts';
import { checkType } from './problems.ts';
import { checkProcess, EVERY_PROCESS } from './process.ts';

/** Events of the processor and of the kernel that have names. */
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

/** PERF_TYPE_… and PERF_COUNT_… of include/uapi/linux/perf_event.h */
const EVENTS: { readonly [name in PerfEventName]: readonly [type: number, config: number] } = {
  cpu_cycles: [0, 0],
  instructions: [0, 1],
  cache_references: [0, 2],
  cache_misses: [0, 3],
  branch_instructions: [0, 4],
  branch_misses: [0, 5],
  cpu_clock: [1, 0],
  task_clock: [1, 1],
  page_faults: [1, 2],
  context_switches: [1, 3],
  cpu_migrations: [1, 4],
  minor_faults: [1, 5],
  major_faults: [1, 6],
};

/** What {@link attachPerfEvent} attaches to. */
export interface PerfEventOptions {
  /** By name, or by the numbers of `struct perf_event_attr`. */
  readonly event: PerfEventName | { readonly type: number; readonly config: bigint };
  /** Runs the program at every so many-th event. Default: 1, every event. */
  readonly period?: bigint | undefined;
  /** Runs the program about so many times a second, in place of a period. */
  readonly frequency?: bigint | undefined;
  /** The process, or 0 for this thread. Default: -1, every process. */
  readonly processId?: number | undefined;
  /** The CPU. Default: every CPU, which takes a process. */
  readonly cpu?: number | undefined;
  /** A number that the program reads by `get_attach_cookie`. */
  readonly cookie?: bigint | undefined;
}

const OPTIONS = ['event', 'period', 'frequency', 'processId', 'cpu', 'cookie'];

/**
 * Attaches a program to an event that is counted: of the processor, of a clock, of the kernel's. For a profile of the
 * whole machine, attach to `cpu_clock` once for each CPU (`possibleCpus()`).
 *
 * Events of own processes need what `kernel.perf_event_paranoid` says; those of all processes CAP_PERFMON in the
 * initial user namespace. Linux ≥ 5.15
 *
 * @throws BpfError `ENOENT` when the machine has no such event, `ESRCH`, `EACCES`
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachPerfEvent(program: Program, options: PerfEventOptions): Link {
  rejectUnknownOptions('attachPerfEvent', options, OPTIONS);
  checkType('attachPerfEvent', program, ['perf_event'], options);
  const { event, period, frequency, cpu = -1, cookie } = options;
  const processId = checkProcess('attachPerfEvent', options.processId ?? EVERY_PROCESS);
  if (processId === EVERY_PROCESS && cpu === -1) {
    throw new TypeError('attachPerfEvent: give processId or cpu: an event is of one process or of one CPU');
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
    since: { feature: 'a link to a perf event', version: '5.15' },
    explain: {
      ...refusedPerfEvent('lower kernel.perf_event_paranoid, or attach to events of own processes'),
      ENOENT:
        'this machine has no such event: virtual machines often have none of the processor, cpu_clock is everywhere',
      EOPNOTSUPP: 'this machine cannot sample such events',
      ENODEV: 'there is no such CPU, or it is offline',
      ESRCH: 'there is no such process',
    },
  };
  const attr = { type, config: BigInt(config), period, frequency };
  return attachToPerfEvent(attempt, attr, { processId, cpu }, cookie);
}
