import { hasCapability, knownInitialNamespace } from './known-rights.ts';
import { perfEventParanoid } from './perf-event.ts';

/** From this level on, all perf events need CAP_SYS_ADMIN. Only the kernels of some distributions have it. */
const CLOSED = 3;

/** What a perf event needs. */
export interface PerfEventNeeds {
  /** CAP_SYS_ADMIN includes CAP_PERFMON. */
  readonly capability: 'perfmon' | 'sys_admin';
  /** The highest kernel.perf_event_paranoid at which no capability is needed, if there is one. */
  readonly paranoid?: number | undefined;
  /** Another way, which needs fewer rights. A function if it takes work to know. */
  readonly other?: string | (() => string) | undefined;
}

/** Why perf_event_open was refused with EPERM or EACCES, as far as that can be seen, and what to do. */
export function whyNoPerfEvent({ capability, paranoid: open, other }: PerfEventNeeds): string {
  const paranoid = perfEventParanoid();
  const right = capability === 'sys_admin' || (paranoid ?? 0) >= CLOSED ? 'sys_admin' : 'perfmon';
  const because =
    right === capability || paranoid === undefined
      ? ''
      : ` (because kernel.perf_event_paranoid is ${paranoid})`;
  const now = paranoid === undefined || because !== '' ? '' : ` (now ${paranoid})`;
  const setting = open === undefined ? '' : `, or kernel.perf_event_paranoid at ${open} or below${now}`;
  const advice = other === undefined ? '' : `: ${typeof other === 'string' ? other : other()}`;
  const takes = `this needs CAP_${right.toUpperCase()} in the initial user namespace${because}`;
  const initial = knownInitialNamespace();
  if (initial === false) return `${takes}${setting}; a BPF token does not help${advice}`;
  if (hasCapability(right, 'sys_admin') === false)
    return `${takes}, which this process lacks${setting}${advice}`;
  const refusers = 'a seccomp filter (as in containers), a security module or kernel lockdown refuses';
  return initial === true
    ? `${takes}, which this process has: ${refusers}, or the process to watch belongs to another user`
    : `${takes}${setting}; this process may be in another user namespace, or ${refusers}${advice}`;
}
