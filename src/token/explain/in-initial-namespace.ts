import { capabilityText } from '../../errors/index.ts';
import type { Need } from '../choice/index.ts';
import { missingCapabilities } from './capability.ts';
import { type Explanation, type Facts, join, unexplained } from './facts.ts';

/** Explains a refusal in the initial user namespace, where capabilities decide. */
export function inInitialNamespace(facts: Facts, need: Need): Explanation {
  const missing = missingCapabilities(facts, need);
  if (missing.length > 0) {
    const names = join(missing.map(capabilityText));
    return {
      reason: missing.includes('bpf') ? 'no_cap_bpf' : 'capability_missing',
      text: `this process lacks ${names}: grant ${missing.length === 1 ? 'it' : 'them'}`,
      capabilities: missing,
    };
  }
  if (facts.lockedMemoryLimit !== undefined) {
    return {
      reason: 'memlock_limit',
      text:
        `the locked-memory limit of ${facts.lockedMemoryLimit} bytes is too low: ` +
        'raise RLIMIT_MEMLOCK, because this kernel counts BPF objects against it',
    };
  }
  return unexplained(facts, 'this process has the capabilities that this needs');
}
