import type { Command, Helper } from '../abi/index.ts';
import { type BpfError, capabilityText, TokenError } from '../errors/index.ts';
import {
  type Capability,
  capabilityMask,
  getCapabilities,
  inInitialUserNamespace,
  lockdownLevel,
  otherRefusers,
  unprivilegedBpfDisabled,
} from '../sys/index.ts';

/** Helpers that read kernel memory, which lockdown in its stricter form forbids. */
const READS_KERNEL: ReadonlySet<Helper> = new Set<Helper>([
  'probe_read',
  'probe_read_str',
  'probe_read_kernel',
  'probe_read_kernel_str',
]);

function initial(): boolean {
  try {
    return inInitialUserNamespace();
  } catch {
    return false;
  }
}

function has(name: Capability): boolean {
  return (getCapabilities().effective & capabilityMask([name])) !== 0n;
}

function lacking(...names: Capability[]): Capability[] {
  // CAP_SYS_ADMIN includes CAP_BPF and CAP_PERFMON, which were split off it in Linux 5.8.
  return has('sys_admin') ? [] : names.filter((name) => !has(name));
}

/** The error for a command that takes no token and was refused with EPERM. */
export function refusedWithoutToken(action: string, command: Command, capability: Capability): TokenError {
  const name = capabilityText(capability);
  if (initial() && lacking(capability).length === 0) {
    // CAP_SYS_ADMIN stands for the others.
    const own = has(capability) ? name : `${capabilityText('sys_admin')}, which includes ${name}`;
    return new TokenError(
      `Cannot ${action}: EPERM: this process has ${own}, and ${command} needs no more: ${otherRefusers()}`,
      { code: 'EPERM', errno: 1, syscall: 'bpf', command, reason: 'unexplained' },
    );
  }
  return new TokenError(
    `Cannot ${action}: EPERM: ${command} needs ${name} in the initial user namespace, and accepts no BPF token`,
    {
      code: 'EPERM',
      errno: 1,
      syscall: 'bpf',
      command,
      reason: 'capability_missing',
      capabilities: [capability],
    },
  );
}

/**
 * The privileges that the verifier's answer depends on, as they were at the first question. To callers without them,
 * the verifier refuses what it allows to others, in the same words that it uses for what it does not know.
 */
export class Privilege {
  #initial: boolean | undefined;
  #verifier: readonly Capability[] | undefined;
  #lockdown: { readonly level: string | undefined } | undefined;

  /**
   * Why a program with a loop must not be tried; `undefined` if it may be. For callers without CAP_PERFMON, the
   * verifier also follows the path that the CPU may take after a wrong branch prediction. This path never leaves the
   * loop, and the verifier gives up only after about 20 seconds, which cannot be interrupted (measured on Linux 6.18).
   */
  guardLoops(what: string): TokenError | undefined {
    if (!this.#verifierLacks().includes('perfmon')) return undefined;
    return new TokenError(
      `Cannot find out about ${what}: EPERM: without CAP_PERFMON the verifier would spend many seconds on the trial: grant CAP_PERFMON`,
      { code: 'EPERM', errno: 1, reason: 'capability_missing', capabilities: ['perfmon'] },
    );
  }

  /**
   * Why a refusal by the verifier says nothing about the kernel; `undefined` if it does.
   *
   * @param what - the feature that was tried, such as `helper get_current_task`
   */
  mistrust(what: string, refusal: BpfError, helper?: Helper): TokenError | undefined {
    const missing = [...this.#verifierLacks(), ...this.#helperLacks(helper)];
    const { code, errno, syscall, command } = refusal;
    const init = { code, errno, syscall, command, cause: refusal };
    if (missing.length > 0) {
      const names = missing.map(capabilityText).join(' and ');
      return new TokenError(
        `Cannot find out about ${what}: ${code}: the verifier hides it from callers without ${names}`,
        { ...init, reason: 'capability_missing', capabilities: missing },
      );
    }
    if (helper === undefined || !this.#locked(helper)) return undefined;
    return new TokenError(`Cannot find out about ${what}: ${code}: the kernel is locked down`, {
      ...init,
      reason: 'unexplained',
    });
  }

  #isInitial(): boolean {
    this.#initial ??= initial();
    return this.#initial;
  }

  #verifierLacks(): readonly Capability[] {
    // Outside the initial user namespace, capabilities count only through a token. A load that reached the verifier had
    // one, unless everybody may load programs.
    this.#verifier ??=
      !this.#isInitial() && unprivilegedBpfDisabled() === 0 ? ['bpf', 'perfmon'] : lacking('bpf', 'perfmon');
    return this.#verifier;
  }

  #helperLacks(helper: Helper | undefined): readonly Capability[] {
    if (helper !== 'probe_write_user') return [];
    // The kernel wants it in the initial user namespace, so no token helps.
    return this.#isInitial() ? lacking('sys_admin') : ['sys_admin'];
  }

  #locked(helper: Helper): boolean {
    this.#lockdown ??= { level: lockdownLevel() };
    const { level } = this.#lockdown;
    if (helper === 'probe_write_user') return level === 'integrity' || level === 'confidentiality';
    return level === 'confidentiality' && READS_KERNEL.has(helper);
  }
}
