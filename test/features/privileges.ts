import {
  type Capability,
  capabilityMask,
  getCapabilities,
  inInitialUserNamespace,
  kernelBtf,
  setCapabilities,
} from '../../src/sys/index.ts';

/** The option of a test: skipped, with the reason, if probes lack the capabilities to try things. */
export function needsRoot(): { skip: string | false } {
  const wanted = capabilityMask(['bpf', 'perfmon', 'net_admin', 'sys_admin']);
  const enough = inInitialUserNamespace() && (getCapabilities().effective & wanted) === wanted;
  return { skip: enough ? false : 'needs CAP_SYS_ADMIN, CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN' };
}

/** The same for tests that need the kernel's BTF too. */
export function needsRootAndBtf(): { skip: string | false } {
  try {
    kernelBtf();
    return needsRoot();
  } catch (error) {
    return { skip: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs `body` with only these effective capabilities. */
export function withOnly<T>(names: readonly Capability[], body: () => T): T {
  const before = getCapabilities();
  setCapabilities({ ...before, effective: capabilityMask(names) & before.permitted });
  try {
    return body();
  } finally {
    setCapabilities(before);
  }
}
