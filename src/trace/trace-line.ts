import { checkString } from '../errors/index.ts';

/** The parts of a line of the trace pipe. */
export interface TraceLine {
  /** The name of the thread that was running, as the kernel keeps it: at most 15 bytes. `<...>` if it is not known. */
  readonly task: string;
  /** The id of that thread, which the kernel calls its pid. */
  readonly pid: number;
  readonly cpu: number;
  /** Milliseconds by the clock of the trace, usually since the machine started. */
  readonly time: number;
  /** The event: `bpf_trace_printk` for what programs print. */
  readonly event: string;
  /** What was printed. If that had several lines, only the first is here. The others follow as lines of their own. */
  readonly text: string;
}

/**
 * `   node-123     [001] b..11   12.345678: bpf_trace_printk: text`, with the process in parentheses after the thread if
 * the trace option record-tgid is set. Names of threads can have any characters, but are too short to contain all that
 * stands before the event. So the first match is the right one.
 */
const FORM =
  /^ *(.+?)-(\d+) +(?:\( *[\d-]+\) +)?\[(\d{3,})\] +(?:[^\s:]+ +)?(\d+)\.(\d{6}): ([^\s:]+): ?(.*)$/s;

/**
 * Reads a line of {@link readTracePipe}. Returns undefined for lines in another form: further lines of a text, notes of
 * the kernel such as `CPU:0 [LOST 12 EVENTS]`, and lines of other tracers, clocks or trace options.
 *
 * @throws TypeError if `line` is not a string
 */
export function parseTraceLine(line: string): TraceLine | undefined {
  checkString('parseTraceLine: line', line);
  const found = FORM.exec(line);
  if (found === null) return undefined;
  const [, task = '', pid, cpu, seconds, microseconds, event = '', text = ''] = found;
  const time = (Number(seconds) * 1_000_000 + Number(microseconds)) / 1000;
  return { task, pid: Number(pid), cpu: Number(cpu), time, event, text };
}
