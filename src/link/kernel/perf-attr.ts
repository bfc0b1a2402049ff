import { BpfError } from '../../errors/index.ts';
import {
  type Fd,
  onlineCpus,
  type PerfEventAttr,
  type PerfEventNeeds,
  type PerfEventSource,
  type PerfEventTarget,
  perfEventOpen,
  perfEventSource,
  whyNoPerfEvent,
} from '../../sys/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { type Attempt, type Explanations, notSupported, purposeOf } from '../problems.ts';

/** Explains why perf_event_open was refused, if a right is missing. */
export function refusedPerfEvent(needs: PerfEventNeeds): Explanations {
  const explain = (): string => whyNoPerfEvent(needs);
  return { EPERM: explain, EACCES: explain };
}

/** What an event watches; `any` is one CPU for events that serve all CPUs, whichever they are opened on. */
export type PerfPlace = Omit<PerfEventTarget, 'cpu'> & { readonly cpu: number | 'any' };

/** Tries CPU 0 first, which is online nearly everywhere: to find out which CPUs are would take five system calls. */
function openEvent(attempt: Attempt, attr: PerfEventAttr, { cpu, ...place }: PerfPlace): Fd {
  if (cpu !== 'any') return perfEventOpen(attr, { ...place, cpu }, purposeOf(attempt));
  try {
    return perfEventOpen(attr, { ...place, cpu: 0 }, purposeOf(attempt));
  } catch (error) {
    const offline = BpfError.is(error) && error.code === 'ENODEV';
    const other = offline ? onlineCpus().find((each) => each !== 0) : undefined;
    if (other === undefined) throw error;
    return perfEventOpen(attr, { ...place, cpu: other }, purposeOf(attempt));
  }
}

const sources = new Map<string, PerfEventSource>();

/**
 * Reads from /sys how to open events for kprobes or uprobes. Reads it once, because it does not change.
 *
 * @throws NotSupportedError if this kernel has none
 * @throws BpfError `ERR_BPF_NO_SYSFS` if /sys cannot be read
 */
export function probeSource(attempt: Attempt, name: 'kprobe' | 'uprobe'): PerfEventSource {
  let source = sources.get(name);
  if (source !== undefined) return source;
  try {
    source = perfEventSource(name);
  } catch (cause) {
    if (!BpfError.is(cause)) throw cause;
    throw new BpfError(
      `Cannot ${purposeOf(attempt).action}: the type number of ${name} events is not known: ${cause.message}`,
      {
        code: cause.code,
        cause,
      },
    );
  }
  if (source !== undefined) {
    sources.set(name, source);
    return source;
  }
  const needs = `it needs CONFIG_${name.toUpperCase()}_EVENTS=y`;
  throw notSupported(attempt, `this kernel has no ${name}s: ${needs}`, `${name}s`, '4.17');
}

/** Opens a perf event and links the program to it. The link keeps the event open. @throws BpfError */
export function attachToPerfEvent(
  attempt: Attempt,
  attr: PerfEventAttr,
  place: PerfPlace,
  cookie?: number | bigint,
): Link {
  using event = openEvent(attempt, attr, place);
  return createLink(attempt, 'perf_event', {
    target_fd: event.value,
    perf_event: cookie === undefined ? undefined : { bpf_cookie: cookie },
  });
}
