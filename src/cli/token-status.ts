import { type Capability, capabilityMask, getCapabilities, setCapabilities } from '../sys/index.ts';
import { show } from './output.ts';
import { collectStatus } from './status-report.ts';
import { statusText } from './status-text.ts';

/** The options of `ebpf-ts token status`, as the command line has them. */
export interface TokenStatusOptions {
  readonly json?: boolean | undefined;
  readonly dropCaps?: boolean | undefined;
}

const DROPPED: readonly Capability[] = ['bpf', 'sys_admin', 'perfmon'];

function dropCapabilities(): void {
  const keep = ~capabilityMask(DROPPED);
  const { effective, permitted, inheritable } = getCapabilities();
  setCapabilities({
    effective: effective & keep,
    permitted: permitted & keep,
    inheritable: inheritable & keep,
  });
}

/** `ebpf-ts token status`: prints what this process may do with BPF. Exit status 0 if a token could be made. */
export async function tokenStatus(options: TokenStatusOptions): Promise<void> {
  if (options.dropCaps === true) dropCapabilities();
  const report = collectStatus();
  show(report, options.json, statusText);
  process.exitCode = report.tokens.length > 0 ? 0 : 1;
}
