import type { CandidateOutcome } from '../../errors/index.ts';
import type { TokenCandidate } from '../discovery/index.ts';
import type { Explanation, Facts } from './facts.ts';

/** If all mounts have one of these outcomes, CAP_BPF is what is missing: nobody expects a token from the others. */
const ONLY_CAP_BPF: ReadonlySet<CandidateOutcome> = new Set<CandidateOutcome>([
  ...(['no_cap_bpf', 'covered', 'part_of_bpffs', 'nothing_delegated', 'other_user_namespace'] as const),
]);

/** Leaves out mounts under another bpffs: the user can change only the upper one. */
function uppermost(candidates: readonly TokenCandidate[]): readonly TokenCandidate[] {
  const uncovered = candidates.filter(({ outcome }) => outcome !== 'covered');
  return candidates.filter(
    ({ mount, outcome }) => outcome !== 'covered' || !uncovered.some((other) => other.mount === mount),
  );
}

/** The explanation when no mount gave a token. */
export function noToken({ candidates }: Facts): Explanation {
  const first = candidates.find(({ outcome }) => outcome === 'no_cap_bpf');
  if (first !== undefined && candidates.every(({ outcome }) => ONLY_CAP_BPF.has(outcome))) {
    return {
      reason: 'no_cap_bpf',
      text: 'there is no BPF token: this process lacks CAP_BPF in its user namespace: grant it there',
      capabilities: ['bpf'],
      mount: first.mount,
    };
  }
  const each = uppermost(candidates).map(({ mount, explanation }) => `${mount}: ${explanation}`);
  return {
    reason: 'no_token',
    text:
      each.length === 0
        ? 'there is no BPF token: no bpffs is mounted: mount one with delegate_* options at /sys/fs/bpf'
        : `there is no BPF token: ${each.join('; ')}`,
  };
}
