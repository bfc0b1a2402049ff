import type { CandidateOutcome, ErrorCode, RefusedMount } from '../../errors/index.ts';
import { commonCause, otherRefusers } from '../../sys/index.ts';

/** A bpffs mount that the library looked at. */
export interface TokenCandidate extends RefusedMount {
  /** The mount's `delegate_*` options as mountinfo shows them; empty if there are none. */
  readonly options: string;
  /** The errno, when a system call was refused. */
  readonly errno: number | undefined;
}

/** An errno and its name, when a system call was refused. */
export interface Refused {
  readonly errno?: number | undefined;
  readonly code?: ErrorCode | undefined;
}

/** For each outcome the cause, and after a colon what to change. */
const EXPLANATIONS: Readonly<Record<CandidateOutcome, string>> = {
  usable: 'a token was made',
  duplicate: 'the same bpffs already gave a token',
  covered: 'another mount lies over it: unmount that one, or mount this bpffs elsewhere',
  part_of_bpffs: 'only a directory of a bpffs is mounted there: mount its root',
  not_bpffs: 'it is not the root of a bpffs: name the mount point itself',
  not_found: 'there is no such directory',
  open_refused: 'this process may not open the directory: see its mount options mode, uid and gid',
  nothing_delegated: 'nothing is delegated there: mount it with delegate_* options',
  other_user_namespace:
    'it belongs to another user namespace: create the bpffs from inside the user namespace of this process; ' +
    'otherwise a security module refuses',
  no_cap_bpf: 'this process lacks CAP_BPF in its user namespace: grant CAP_BPF',
  initial_user_namespace:
    'this process is in the initial user namespace, where tokens do not exist: use capabilities instead',
  no_kernel_support: 'this kernel has no BPF tokens: they need Linux 6.9',
  call_refused: 'bpf(2) itself is refused, whatever the mount',
  unexpected: 'an unexpected refusal: look for a security module, a seccomp filter or a limit',
};

const ERRNO_TELLS: ReadonlySet<CandidateOutcome> = new Set<CandidateOutcome>([
  ...(['call_refused', 'open_refused', 'unexpected'] as const),
]);

function textFor(outcome: CandidateOutcome, code: string | undefined): string {
  const text = EXPLANATIONS[outcome];
  if (outcome === 'call_refused') return `${text}: ${otherRefusers()}`;
  if (outcome !== 'unexpected' || code === undefined) return text;
  return commonCause(code, 'openat') ?? text;
}

/** Puts a candidate's result together. */
export function candidate(
  mount: string,
  outcome: CandidateOutcome,
  options: string,
  { errno, code }: Refused = {},
): TokenCandidate {
  const text = textFor(outcome, code);
  const tells = code !== undefined && ERRNO_TELLS.has(outcome);
  return { mount, outcome, code, errno, options, explanation: tells ? `${code}: ${text}` : text };
}
