import type { Command } from '../../abi/index.ts';
import { ERRNO } from '../../errors/index.ts';
import { allows, type Bits } from '../delegation/index.ts';
import {
  type Ambient,
  ambient,
  ambientOfAllMounts,
  PATH_VARIABLE,
  refusedToken,
  rescanIfChanged,
  Token,
} from '../discovery/index.ts';
import type { Need } from './need.ts';
import { actionOf } from './words.ts';

/**
 * Which token a call may use. `ambient`: any of the process's own that permits it. `off`: none. A token: this one, if
 * it permits the call.
 */
export type TokenOption = 'ambient' | 'off' | Token;

/** One try at a call. */
export interface Attempt {
  readonly option: TokenOption;
  /** The token that is sent; none if no token permits the call, because the kernel would ignore it. */
  readonly token: Token | undefined;
  readonly ambient: Ambient | undefined;
  /** Whether there was another try before. */
  readonly second: boolean;
}

/** Commands for which this kernel refused a token: `btf_get_fd_by_id` before Linux 6.15. */
const withoutToken = new Set<Command>();

/** Whether this kernel takes a token for a command. True until it has refused one. */
export const takesToken = (command: Command): boolean => !withoutToken.has(command);

const NOTHING: Bits = { cmds: undefined, maps: undefined, progs: undefined, attachs: undefined };

const choose = (tokens: readonly Token[], bits: Bits): Token | undefined =>
  tokens.find(({ delegation }) => allows(delegation, bits));

interface Choice {
  readonly token: Token | undefined;
  readonly ambient: Ambient;
}

/** Chooses among the process's own tokens. Looks at more mounts only if that may help. */
function chooseAmbient({ command, bits }: Need): Choice {
  if (!takesToken(command)) return { token: undefined, ambient: ambient(NOTHING) };
  const known = ambient(bits);
  const token = choose(known.tokens, bits);
  if (token !== undefined || known.mode !== 'first') return { token, ambient: known };
  const all = ambientOfAllMounts();
  return { token: choose(all.tokens, bits), ambient: all };
}

function ambientAttempt(need: Need, second: boolean): Attempt {
  const choice = chooseAmbient(need);
  const { mode, tokens, candidates } = choice.ambient;
  const [required] = mode === 'mandatory' && tokens.length === 0 ? candidates : [];
  if (required !== undefined) {
    if (!second && rescanIfChanged()) return ambientAttempt(need, true);
    throw refusedToken(`${actionOf(need)} without the token that ${PATH_VARIABLE} asks for`, required);
  }
  return { option: 'ambient', ...choice, second };
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
  const token = takesToken(need.command) ? choose([option], need.bits) : undefined;
  return { option, token, ambient: undefined, second: false };
}

/** What to try after a failed call, if there is anything: a newer mount, or the call without its token. */
export function secondAttempt(need: Need, failed: Attempt, errno: number): Attempt | undefined {
  if (errno === ERRNO.EINVAL && failed.token !== undefined && need.command === 'btf_get_fd_by_id') {
    withoutToken.add(need.command);
    return { ...failed, token: undefined };
  }
  if (errno !== ERRNO.EPERM || failed.second || failed.option !== 'ambient' || !rescanIfChanged())
    return undefined;
  const next = ambientAttempt(need, true);
  return next.token === undefined ? undefined : next;
}
