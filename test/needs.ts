import { capabilityMask, getCapabilities, inInitialUserNamespace } from '../src/sys/index.ts';

const WANTED = capabilityMask(['bpf', 'net_admin', 'perfmon', 'sys_admin']);

/** Whether this process is root in the initial user namespace, with the capabilities that BPF needs. */
export function isRoot(): boolean {
  return (
    process.geteuid?.() === 0 && inInitialUserNamespace() && (getCapabilities().effective & WANTED) === WANTED
  );
}

/** Options for a test that only root can run. For other users, the test is skipped with the reason. */
export function needsRoot(): { skip: string | false } {
  return { skip: isRoot() ? false : 'needs root in the initial user namespace' };
}
