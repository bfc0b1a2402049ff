import { BpfError } from '../errors/index.ts';
import { type PerfEventAttr, perfEventOpen } from '../sys/index.ts';
import { createLink } from './create.ts';
import type { Link } from './link.ts';
import { type Attempt, attachError } from './problems.ts';

/** Which process and CPU; -1 for all of them. */
export interface PerfTarget {
  readonly processId: number;
  readonly cpu: number;
}

/** Opens a perf event and links the program to it. The link keeps the event. @throws BpfError */
export function attachToPerfEvent(
  attempt: Attempt,
  attr: PerfEventAttr,
  target: PerfTarget,
  cookie?: bigint,
): Link {
  let opened: ReturnType<typeof perfEventOpen>;
  try {
    opened = perfEventOpen(attr, target.processId, target.cpu);
  } catch (cause) {
    if (!BpfError.is(cause) || cause.errno === undefined) throw cause;
    throw attachError(attempt, cause.errno, { syscall: 'perf_event_open', cause });
  }
  using event = opened;
  return createLink(attempt, 'perf_event', {
    target_fd: event.value,
    perf_event: cookie === undefined ? undefined : { bpf_cookie: cookie },
  });
}

/** Why a perf event may be refused, with another way that a process in a user namespace has. */
export function refusedPerfEvent(other: string): { readonly EPERM: string; readonly EACCES: string } {
  const text =
    'this kind of perf event needs CAP_PERFMON in the initial user namespace (CAP_SYS_ADMIN where ' +
    'kernel.perf_event_paranoid is above 2), which no BPF token stands in for, or is forbidden by kernel lockdown: ' +
    other;
  return { EPERM: text, EACCES: text };
}
