import { BpfError, type BpfErrorInit } from './bpf-error.ts';
import { brand, isBranded } from './brand.ts';
import type { Capability } from './capability.ts';
import type { ErrorCode } from './codes.ts';
import { checkInit } from './init.ts';

/**
 * Why the kernel refused, in the order in which causes are looked for:
 *
 * - `permission_missing`: there is a token, but it lacks a permission ({@link TokenError.missing})
 * - `capability_missing`: a capability besides CAP_BPF is missing, or the token would allow the call but
 *   a capability is missing in its user namespace ({@link TokenError.capabilities})
 * - `no_token`: no token could be made ({@link TokenError.candidates} says for each mount why)
 * - `no_cap_bpf`: the process lacks CAP_BPF, which also keeps it from making a token
 * - `no_kernel_support`: the kernel has no tokens, or does not take one for this command
 * - `cannot_delegate`: a bpffs with delegated permissions could not be set up for another process
 * - `memlock_limit`: the locked-memory limit is used up; only on kernels that count BPF memory against it
 * - `unexplained`: every known condition holds; something else refuses, such as a security module
 */
export type TokenErrorReason =
  | 'permission_missing'
  | 'capability_missing'
  | 'no_token'
  | 'no_cap_bpf'
  | 'no_kernel_support'
  | 'cannot_delegate'
  | 'memlock_limit'
  | 'unexplained';

/** A permission that a token lacks: the mount option and the name to add to it. */
export interface MissingPermission {
  readonly option: 'delegate_cmds' | 'delegate_maps' | 'delegate_progs' | 'delegate_attachs';
  readonly name: string;
}

/** What a token permits, as masks: bit n stands for number n of the kernel's enum. See `Delegation`. */
export interface DelegatedMasks {
  readonly cmds: bigint;
  readonly maps: bigint;
  readonly progs: bigint;
  readonly attachs: bigint;
}

/** The result of looking for a token at a bpffs mount. */
export type CandidateOutcome =
  /** A token was made. */
  | 'usable'
  /** The same bpffs already gave a token at another mount point. */
  | 'duplicate'
  /** Another mount covers it, so its path leads elsewhere. */
  | 'covered'
  /** Only a directory of a bpffs is mounted there. */
  | 'part_of_bpffs'
  /** It is not a bpffs. */
  | 'not_bpffs'
  /** There is no such directory. */
  | 'not_found'
  /** The directory may not be opened. */
  | 'open_refused'
  /** No `delegate_*` option is set. */
  | 'nothing_delegated'
  /** It belongs to another user namespace than the process. */
  | 'other_user_namespace'
  /** The process lacks CAP_BPF in its user namespace. */
  | 'no_cap_bpf'
  /** The process is in the initial user namespace, where tokens do not exist. */
  | 'initial_user_namespace'
  /** The kernel does not know tokens. */
  | 'no_kernel_support'
  /** The call is refused whatever the mount is: a seccomp filter, a security module. */
  | 'call_refused'
  /** Any other errno: a security module, a limit. */
  | 'unexpected';

/** A bpffs mount, and whether it gave a token. */
export interface RefusedMount {
  readonly mount: string;
  readonly outcome: CandidateOutcome;
  /** The errno's name, if a system call was refused. */
  readonly code: ErrorCode | undefined;
  /** The cause, and after a colon what to change. */
  readonly explanation: string;
}

/** What a {@link TokenError} is made from. */
export interface TokenErrorInit extends BpfErrorInit {
  readonly reason: TokenErrorReason;
  readonly missing?: readonly MissingPermission[] | undefined;
  readonly capabilities?: readonly Capability[] | undefined;
  readonly delegation?: DelegatedMasks | undefined;
  readonly mount?: string | undefined;
  readonly candidates?: readonly RefusedMount[] | undefined;
}

/**
 * The kernel refused because a permission is missing. The message says what to change and where;
 * the fields say the same to programs.
 */
export class TokenError extends BpfError {
  override readonly name: string = 'TokenError';
  readonly reason: TokenErrorReason;
  /** Permissions that the token at {@link mount} lacks; empty unless `permission_missing`. */
  readonly missing: readonly MissingPermission[];
  /** Capabilities that the process lacks, in lower case without prefix: `net_admin`. */
  readonly capabilities: readonly Capability[];
  /** What the token at {@link mount} permits. */
  readonly delegation: DelegatedMasks | undefined;
  /** Where the bpffs of the token in question is mounted. */
  readonly mount: string | undefined;
  /** Every bpffs mount that was looked at, and the result. */
  readonly candidates: readonly RefusedMount[];

  constructor(message: string, init: TokenErrorInit) {
    checkInit('TokenError', init, ['code', 'reason']);
    super(message, init);
    this.reason = init.reason;
    this.missing = init.missing ?? [];
    this.capabilities = init.capabilities ?? [];
    this.delegation = init.delegation;
    this.mount = init.mount;
    this.candidates = init.candidates ?? [];
  }

  static {
    brand(TokenError, 'TokenError');
  }

  /** Whether `value` is an error of this class, whichever copy of the library made it. */
  static override is(value: unknown): value is TokenError {
    return isBranded(value, 'TokenError');
  }
}
