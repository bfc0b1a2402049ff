import { BpfError } from '../errors/index.ts';
import {
  onlineCpus,
  type PerfEventAttr,
  type PerfEventNeeds,
  type PerfEventSource,
  type PerfEventTarget,
  perfEventOpen,
  perfEventSource,
  whyNoPerfEvent,
} from '../sys/index.ts';
import { createLink } from './create.ts';
import type { Link } from './link.ts';
import { type Attempt, type Explanations, notSupported, purposeOf } from './problems.ts';

/** Explains why perf_event_open was refused, if a right is missing. */
export function refusedPerfEvent(needs: PerfEventNeeds): Explanations {
  const explain = (): string => whyNoPerfEvent(needs);
  return { EPERM: explain, EACCES: explain };
}

/** A CPU to open an event on that serves all CPUs. Without /sys: CPU 0, which is online nearly everywhere. */
export function anyCpu(): number {
  try {
    return onlineCpus()[0] ?? 0;
  } catch {
    return 0;
  }
}

/**
 * Reads from /sys how to open events for kprobes or uprobes.
 *
 * @throws NotSupportedError if this kernel has none
 * @throws BpfError `ERR_BPF_NO_SYSFS` if /sys cannot be read
 */
export function probeSource(attempt: Attempt, name: 'kprobe' | 'uprobe'): PerfEventSource {
  let source: PerfEventSource | undefined;
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
  if (source !== undefined) return source;
  const needs = `it needs CONFIG_${name.toUpperCase()}_EVENTS=y`;
  throw notSupported(attempt, `this kernel has no ${name}s: ${needs}`, `${name}s`, '4.17');
}

/** Opens a perf event and links the program to it. The link keeps the event open. @throws BpfError */
export function attachToPerfEvent(
  attempt: Attempt,
  attr: PerfEventAttr,
  target: PerfEventTarget,
  cookie?: number | bigint,
): Link {
  using event = perfEventOpen(attr, target, purposeOf(attempt));
  return createLink(attempt, 'perf_event', {
    target_fd: event.value,
    perf_event: cookie === undefined ? undefined : { bpf_cookie: cookie },
  });
}
