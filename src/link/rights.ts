import { hasCapability, knownInitialNamespace, perfEventParanoid } from '../sys/index.ts';

/** From here on, which only kernels of some distributions know, all perf events take CAP_SYS_ADMIN. */
const CLOSED = 3;

/**
 * Why perf_event_open was refused, as far as it can be seen, with another way that takes fewer rights.
 *
 * @param needed - the capability that the kind takes; CAP_SYS_ADMIN stands in for CAP_PERFMON
 */
export function refusedPerfEvent(
  needed: 'perfmon' | 'sys_admin',
  other: string,
): { readonly EPERM: () => string; readonly EACCES: () => string } {
  const explain = (): string => {
    const paranoid = perfEventParanoid();
    const right = needed === 'sys_admin' || (paranoid ?? 0) >= CLOSED ? 'sys_admin' : 'perfmon';
    const capability = `CAP_${right.toUpperCase()}`;
    const setting =
      right === needed || paranoid === undefined ? '' : `, as kernel.perf_event_paranoid is ${paranoid}`;
    const initial = knownInitialNamespace();
    const takes = `this takes ${capability} in the initial user namespace${setting}`;
    if (initial === false) return `${takes}, which no BPF token stands in for: ${other}`;
    if (hasCapability(right, 'sys_admin') === false) return `${takes}, which this process lacks: ${other}`;
    const refusers = 'a seccomp filter (as in containers), a security module or kernel lockdown refuses';
    return initial === true
      ? `${takes}, which this process has: ${refusers}, or the process to watch is somebody else's`
      : `${takes}; this process may be in another one, or ${refusers}: ${other}`;
  };
  return { EPERM: explain, EACCES: explain };
}
