import type { Command } from '../abi/index.ts';
import { type BpfError, explained } from '../errors/index.ts';
import {
  getCapabilities,
  inInitialUserNamespace,
  lockedMemoryLimit,
  otherRefusers,
  systemError,
} from '../sys/index.ts';
import { type Ambient, ambient, PATH_VARIABLE, rescanIfChanged } from './ambient.ts';
import { kernelHasTokens } from './create.ts';
import { explain } from './explain.ts';
import { allows, type Need } from './needs.ts';
import { refusedToken } from './refused.ts';
import { Token } from './token.ts';

/**
 * Which token a call may use: `ambient`, whichever of the process's own permits it; `off`, none;
 * or this one, when it permits the call.
 */
export type TokenOption = 'ambient' | 'off' | Token;

const EPERM = 1;
const EINVAL = 22;

/** One try at a call. */
export interface Attempt {
  readonly option: TokenOption;
  /** What is sent along; nothing when no token permits the call, as the kernel would put it aside. */
  readonly token: Token | undefined;
  readonly ambient: Ambient | undefined;
  /** Whether there was another try before. */
  readonly second: boolean;
}

/** Commands for which this kernel turned a token down; only `btf_get_fd_by_id` before Linux 6.15. */
const withoutToken = new Set<Command>();

function choose(need: Need, tokens: readonly Token[]): Token | undefined {
  if (tokens.length === 0 || withoutToken.has(need.command)) return undefined;
  return tokens.find((token) => allows(token.delegation, need));
}

/** The tokens to choose from. Where no token is taken anyway, whichever are there already will do. */
function ambientFor(need: Need): Ambient {
  return ambient((token) => withoutToken.has(need.command) || allows(token.delegation, need));
}

function ambientAttempt(need: Need, second: boolean): Attempt {
  const found = ambientFor(need);
  const required = found.mode === 'mandatory' ? found.candidates[0] : undefined;
  if (required !== undefined && found.tokens.length === 0) {
    if (!second && rescanIfChanged()) return ambientAttempt(need, true);
    throw refusedToken(`${need.action} without the token that ${PATH_VARIABLE} asks for`, required);
  }
  return { option: 'ambient', token: choose(need, found.tokens), ambient: found, second };
}

/**
 * Chooses the token for a call.
 *
 * @throws TokenError when LIBBPF_BPF_TOKEN_PATH names a mount that gives no token
 * @throws ClosedError for an explicit token that is closed
 * @throws TypeError for anything that is not a {@link TokenOption}
 */
export function firstAttempt(need: Need, option: TokenOption): Attempt {
  if (option === 'ambient') return ambientAttempt(need, false);
  if (option === 'off') return { option, token: undefined, ambient: undefined, second: false };
  if (!(option instanceof Token)) {
    throw new TypeError(`token: ${String(option)} is neither "ambient", "off" nor a Token`);
  }
  option.assertOpen();
  return { option, token: choose(need, [option]), ambient: undefined, second: false };
}

/** What to try after a failed call, if there is anything: a newer mount, or the call without its token. */
export function secondAttempt(need: Need, failed: Attempt, errno: number): Attempt | undefined {
  if (errno === EINVAL && failed.token !== undefined && need.command === 'btf_get_fd_by_id') {
    withoutToken.add(need.command);
    return { ...failed, token: undefined };
  }
  if (errno !== EPERM || failed.second || failed.option !== 'ambient' || !rescanIfChanged()) return undefined;
  const next = ambientAttempt(need, true);
  return next.token === undefined ? undefined : next;
}

/** `undefined` where it cannot be told. */
function isInitial(): boolean | undefined {
  try {
    return inInitialUserNamespace();
  } catch {
    return undefined;
  }
}

function turnedOff(attempt: Attempt): string | undefined {
  if (attempt.option === 'off') return 'leave out the option token: "off"';
  if (attempt.ambient?.mode === 'off') return `unset ${PATH_VARIABLE}, which is empty`;
  return undefined;
}

/** The error for a call that failed for good. */
export function refusal(need: Need, attempt: Attempt, errno: number): BpfError {
  const log = need.hasLog?.();
  // What the verifier refuses has passed the permission checks, and its log says more.
  if (errno !== EPERM || log === true) {
    const mayBeVerifier = need.hasLog !== undefined && log !== false;
    return explained(systemError(need.action, 'bpf', errno, need.command), ({ code }) =>
      code === 'EACCES' && !mayBeVerifier ? otherRefusers() : undefined,
    ) as BpfError;
  }
  const initial = isInitial();
  const found = attempt.option === 'ambient' ? ambient() : undefined;
  return explain(need, {
    initial,
    off: turnedOff(attempt),
    kernelTokens: initial === true ? undefined : kernelHasTokens(),
    commandTokens: !withoutToken.has(need.command),
    tokens: attempt.option instanceof Token ? [attempt.option] : (found?.tokens ?? []),
    candidates: found?.candidates ?? [],
    effective: getCapabilities().effective,
    lockedMemoryLimit: initial === true ? lockedMemoryLimit() : undefined,
    others: otherRefusers(),
  });
}
