import { capabilityText } from '../../errors/index.ts';
import type { Need } from '../choice/index.ts';
import { allows } from '../delegation/index.ts';
import { missingCapabilities } from './capability.ts';
import { type Explanation, type Facts, join, unexplained } from './facts.ts';
import { noToken } from './no-token.ts';
import { permissionMissing } from './permission.ts';

/** The explanation when a token permits the call. */
function permitted(facts: Facts, need: Need, token: Facts['tokens'][number]): Explanation {
  const { mount, delegation } = token;
  const missing = missingCapabilities(facts, need);
  if (missing.length === 0) {
    return { ...unexplained(facts, `the token of ${mount} permits it`), mount, delegation };
  }
  return {
    reason: 'capability_missing',
    text:
      `the token of ${mount} permits it, but this process lacks ${join(missing.map(capabilityText))} ` +
      `in its user namespace: grant ${missing.length === 1 ? 'it' : 'them'} there`,
    capabilities: missing,
    mount,
    delegation,
  };
}

/** Explains a refusal in a user namespace other than the initial one, where a token is needed. */
export function inUserNamespace(facts: Facts, need: Need): Explanation {
  const { tokens, off, kernelTokens, commandTokens } = facts;
  if (off !== undefined && tokens.length === 0) {
    return { reason: 'no_token', text: `tokens are turned off: ${off}` };
  }
  if (kernelTokens !== false && !commandTokens) {
    return {
      reason: 'no_kernel_support',
      text: `this kernel accepts no BPF token for ${need.command}: that needs Linux 6.15`,
    };
  }
  const token = tokens.find(({ delegation }) => allows(delegation, need.bits));
  if (token !== undefined) return permitted(facts, need, token);
  if (tokens.length > 0) return permissionMissing(facts, need);
  if (kernelTokens === false) {
    return {
      reason: 'no_kernel_support',
      text: 'this kernel has no BPF tokens: a process in a user namespace needs Linux 6.9 for this',
    };
  }
  return noToken(facts);
}
