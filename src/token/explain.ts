import { TokenError, type TokenErrorInit } from '../errors/index.ts';
import { type Capability, capabilityMask } from '../sys/index.ts';
import type { CandidateOutcome, TokenCandidate } from './candidate.ts';
import type { Delegation } from './delegation.ts';
import { allows, missingPermissions, type Need } from './needs.ts';
import type { PermissionKind } from './permission-names.ts';

/** All that is known about a refused call; the explanation follows from nothing else. */
export interface Facts {
  /** Whether the process is in the initial user namespace; `undefined` where that cannot be told. */
  readonly initial: boolean | undefined;
  /** What turned tokens off for this call, if something did. */
  readonly off: string | undefined;
  /** Whether the kernel has tokens, or takes one for this command; `undefined` when that could not be told. */
  readonly kernelTokens: boolean | undefined;
  readonly commandTokens: boolean;
  /** The usable tokens. */
  readonly tokens: readonly { readonly mount: string; readonly delegation: Delegation }[];
  readonly candidates: readonly TokenCandidate[];
  /** The effective capabilities of the thread. */
  readonly effective: bigint;
  /** The locked-memory limit in bytes, on a kernel that counts BPF objects. */
  readonly lockedMemoryLimit: number | undefined;
  /** What may have refused when nothing else did: see `otherRefusers`. */
  readonly others: string;
}

type Explanation = Omit<TokenErrorInit, 'code' | 'errno' | 'syscall' | 'command'> & { readonly text: string };

const MOST_NAMES = 8;
/** Outcomes beside which CAP_BPF is what is missing: no token is meant to come from those mounts. */
const ONLY_CAP_BPF: ReadonlySet<CandidateOutcome> = new Set<CandidateOutcome>([
  ...(['no_cap_bpf', 'covered', 'part_of_bpffs', 'nothing_delegated', 'other_user_namespace'] as const),
]);
const kindOf = (option: string): PermissionKind => option.slice('delegate_'.length) as PermissionKind;
const capName = (capability: Capability): string => `CAP_${capability.toUpperCase()}`;
const join = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

/** `empty`, or the names delegated now; a long list is cut. */
function nowDelegated(delegation: Delegation, kind: PermissionKind): string {
  const names = delegation.names(kind);
  if (names.length === 0) return 'empty';
  if (names.length <= MOST_NAMES) return names.join(':');
  return `${names.slice(0, MOST_NAMES).join(':')} and ${names.length - MOST_NAMES} more`;
}

function permissionMissing(facts: Facts, need: Need): Explanation {
  const lacking = facts.tokens.map((token) => ({
    token,
    missing: missingPermissions(token.delegation, need),
  }));
  const nearest = lacking.reduce((best, next) => (next.missing.length < best.missing.length ? next : best));
  const { mount, delegation } = nearest.token;
  const additions = nearest.missing.map(
    ({ option, name }) => `${name} to ${option} (now ${nowDelegated(delegation, kindOf(option))})`,
  );
  const whose =
    facts.tokens.length === 1
      ? 'the token does not permit it'
      : `none of ${facts.tokens.length} tokens permits it`;
  return {
    reason: 'permission_missing',
    text: `${whose}: mount at ${mount}: add ${join(additions)}`,
    missing: nearest.missing,
    delegation,
    mount,
  };
}

/** CAP_SYS_ADMIN stands in for every other one when a capability is checked. */
function missingCapabilities(facts: Facts, need: Need): Capability[] {
  if ((facts.effective & capabilityMask(['sys_admin'])) !== 0n) return [];
  return need.capabilities.filter((name) => (facts.effective & capabilityMask([name])) === 0n);
}

function unexplained({ others }: Facts, holds: string): Explanation {
  return {
    reason: 'unexplained',
    text: `${holds}, and every other known condition holds: ${others}`,
  };
}

function outsideInitial(facts: Facts, need: Need): Explanation {
  const token = facts.tokens.find(({ delegation }) => allows(delegation, need));
  if (facts.off !== undefined && facts.tokens.length === 0) {
    return { reason: 'no_token', text: `tokens are turned off: ${facts.off}` };
  }
  if (facts.kernelTokens !== false && !facts.commandTokens) {
    return {
      reason: 'no_kernel_support',
      text: `this kernel takes no BPF token for ${need.command}: that needs Linux 6.15`,
    };
  }
  if (token !== undefined) {
    const { mount, delegation } = token;
    const missing = missingCapabilities(facts, need).map(capName);
    if (missing.length === 0)
      return { ...unexplained(facts, `the token of ${mount} permits it`), mount, delegation };
    const it = missing.length === 1 ? 'it' : 'them';
    return {
      reason: 'capability_missing',
      text:
        `the token of ${mount} permits it, but this process lacks ${join(missing)} ` +
        `in its user namespace: grant ${it} there`,
      capabilities: missing,
      mount,
      delegation,
    };
  }
  if (facts.tokens.length > 0) return permissionMissing(facts, need);
  if (facts.kernelTokens === false) {
    return {
      reason: 'no_kernel_support',
      text: 'this kernel has no BPF tokens: a process in a user namespace needs Linux 6.9 for this',
    };
  }
  const first = facts.candidates.find(({ outcome }) => outcome === 'no_cap_bpf');
  if (first !== undefined && facts.candidates.every(({ outcome }) => ONLY_CAP_BPF.has(outcome))) {
    return {
      reason: 'no_cap_bpf',
      text: `no BPF token without CAP_BPF, which this process lacks in its user namespace: grant it there`,
      capabilities: ['CAP_BPF'],
      mount: first.mount,
    };
  }
  // What lies under another bpffs is of no interest: the upper one is what can be changed.
  const uppermost = facts.candidates.filter(
    ({ mount, outcome }) =>
      outcome !== 'covered' ||
      !facts.candidates.some((other) => other.mount === mount && other.outcome !== 'covered'),
  );
  const each = uppermost.map(({ mount, explanation }) => `${mount}: ${explanation}`);
  return {
    reason: 'no_token',
    text:
      each.length === 0
        ? 'there is no BPF token: no bpffs is mounted: mount one with delegate_* options at /sys/fs/bpf'
        : `there is no BPF token: ${each.join('; ')}`,
  };
}

function inInitial(facts: Facts, need: Need): Explanation {
  const missing = missingCapabilities(facts, need);
  if (missing.length > 0) {
    const names = missing.map(capName);
    return {
      reason: missing.includes('bpf') ? 'no_cap_bpf' : 'capability_missing',
      text: `this process lacks ${join(names)}: grant ${names.length === 1 ? 'it' : 'them'}`,
      capabilities: names,
    };
  }
  if (facts.lockedMemoryLimit !== undefined) {
    return {
      reason: 'memlock_limit',
      text:
        `the locked-memory limit of ${facts.lockedMemoryLimit} bytes is too low: ` +
        'raise RLIMIT_MEMLOCK, which this kernel counts BPF objects against',
    };
  }
  return unexplained(facts, 'this process has the capabilities that it takes');
}

/** What is known where the user namespace is not: without a token nothing is said of one. */
function somewhere(facts: Facts, need: Need): Explanation {
  if (facts.tokens.length > 0) return outsideInitial(facts, need);
  const { text, ...fields } = inInitial(facts, need);
  return {
    ...fields,
    text: `${text}; in a user namespace it takes a BPF token too, and whether this process is in one cannot be told without /proc`,
  };
}

/** Works out why a call was refused with EPERM. */
export function explain(need: Need, facts: Facts): TokenError {
  const explainHere = facts.initial === undefined ? somewhere : facts.initial ? inInitial : outsideInitial;
  const { text, ...fields } = explainHere(facts, need);
  return new TokenError(`Cannot ${need.action}: EPERM: ${text}`, {
    ...fields,
    candidates: facts.candidates,
    code: 'EPERM',
    errno: 1,
    syscall: 'bpf',
    command: need.command,
  });
}
