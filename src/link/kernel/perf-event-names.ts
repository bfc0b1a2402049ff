import { perfHardwareEvents, perfSoftwareEvents, perfTypes } from '../../abi/index.ts';
import { didYouMean } from '../../errors/index.ts';

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

/** An event by its name, or by the numbers of `struct perf_event_attr`. */
export type PerfEventChoice = PerfEventName | { readonly type: number; readonly config: number | bigint };

/** The numbers of an event, and a text for errors. @throws TypeError for unknown names */
export function perfEventNumbers(
  what: string,
  event: PerfEventChoice,
): { readonly type: number; readonly config: number | bigint; readonly text: string } {
  if (typeof event !== 'string') return { ...event, text: `${event.type}/${event.config}` };
  if (!Object.hasOwn(EVENTS, event)) {
    throw new TypeError(`${what}: unknown event "${event}"${didYouMean(event, Object.keys(EVENTS))}`);
  }
  const [type, config] = EVENTS[event];
  return { type, config, text: event };
}
