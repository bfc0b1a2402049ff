import { inInitialUserNamespace } from '../../sys/index.ts';
import { allows, type Bits } from '../delegation/index.ts';
import { candidate, type TokenCandidate } from './candidate.ts';
import { tryCreateToken } from './create.ts';
import { tryReadMountinfo } from './mounts.ts';
import { DEFAULT_MOUNT } from './place.ts';
import { discover } from './scan.ts';
import { hasCapBpf } from './support.ts';
import { Token } from './token.ts';

/** libbpf's variable: a path makes that mount mandatory, an empty text turns tokens off. */
export const PATH_VARIABLE = 'LIBBPF_BPF_TOKEN_PATH';

/** What this process knows about its tokens. */
export interface Ambient {
  /**
   * `scanned`: every bpffs mount was tried. `initial`: no mount was tried, because tokens do not exist in the
   * initial user namespace. `off`: the variable is empty. `mandatory`: the variable names the only mount.
   * `first`: so far calls needed only the token of /sys/fs/bpf, and no other mount was tried.
   */
  readonly mode: 'scanned' | 'first' | 'initial' | 'off' | 'mandatory';
  readonly tokens: readonly Token[];
  readonly candidates: readonly TokenCandidate[];
  /** The text of mountinfo at that time. */
  readonly mountinfo: Uint8Array | undefined;
  /** Whether the process had CAP_BPF at that time. The kernel makes no token without it. */
  readonly capBpf: boolean;
}

let current: Ambient | undefined;

/** False without /proc, where the process cannot find out: looking for mounts does no harm. */
function isInitialUserNamespace(): boolean {
  try {
    return inInitialUserNamespace();
  } catch (error) {
    // A kernel without user namespaces has /proc/self, but no file for them.
    return (
      error instanceof Error && 'code' in error && error.code === 'ENOENT' && tryReadMountinfo() !== undefined
    );
  }
}

const NOTHING = { tokens: [], candidates: [], mountinfo: undefined, capBpf: false } as const;

function mandatory(path: string): Ambient {
  const found = { mode: 'mandatory', mountinfo: tryReadMountinfo(), capBpf: hasCapBpf() } as const;
  const result = tryCreateToken({ path, mount: path });
  return result instanceof Token
    ? { ...found, tokens: [result], candidates: [candidate(path, 'usable', '')] }
    : { ...found, tokens: [], candidates: [candidate(path, result.outcome, '', result)] };
}

/**
 * The token of /sys/fs/bpf, if it permits what is wanted. It comes first in the order of tokens, so the other mounts
 * do not matter then. Reading and parsing mountinfo takes several times as long as making the token.
 */
function findFirst(wanted: Bits): Ambient | undefined {
  const token = tryCreateToken({ path: DEFAULT_MOUNT, mount: DEFAULT_MOUNT });
  if (!(token instanceof Token)) return undefined;
  // Where the kernel does not show the permissions, mountinfo may.
  if (token.source !== 'unknown' && allows(token.delegation, wanted)) {
    const candidates = [candidate(DEFAULT_MOUNT, 'usable', '')];
    return { mode: 'first', tokens: [token], candidates, mountinfo: undefined, capBpf: true };
  }
  token.close();
  return undefined;
}

function find(wanted?: Bits): Ambient {
  const path = process.env[PATH_VARIABLE];
  if (path === '') return { mode: 'off', ...NOTHING };
  if (path !== undefined) return mandatory(path);
  if (isInitialUserNamespace()) return { mode: 'initial', ...NOTHING };
  const first = wanted === undefined ? undefined : findFirst(wanted);
  return first ?? scan();
}

/** Tries all mounts. `earlier` is a token of /sys/fs/bpf from before: it is kept or closed. */
function scan(earlier?: Token): Ambient {
  const mountinfo = tryReadMountinfo();
  const found = discover(mountinfo, earlier);
  if (earlier !== undefined && !found.tokens.includes(earlier)) earlier.close();
  return { mode: 'scanned', mountinfo, capBpf: hasCapBpf(), ...found };
}

/**
 * The tokens of this process. The first call looks for them. If the token of /sys/fs/bpf permits what that call wants,
 * the other mounts are left for a call that needs them: see {@link ambientOfAllMounts}.
 */
export function ambient(wanted: Bits): Ambient {
  current ??= find(wanted);
  return current;
}

/** The tokens of this process, from all mounts. */
export function ambientOfAllMounts(): Ambient {
  current ??= find();
  if (current.mode === 'first') current = scan(current.tokens[0]);
  return current;
}

function mountsChanged(before: Ambient): boolean {
  const now = tryReadMountinfo();
  return now !== undefined && (before.mountinfo === undefined || Buffer.compare(now, before.mountinfo) !== 0);
}

/**
 * Looks again if the mounts may have changed, or the process has gained CAP_BPF. Call this after a refusal only:
 * it reads /proc/self/mountinfo.
 *
 * @returns whether there may be other tokens now
 */
export function rescanIfChanged(): boolean {
  const before = current;
  if (before === undefined || before.mode === 'initial' || before.mode === 'off') return false;
  if (before.mode === 'first') {
    const [earlier] = before.tokens;
    current = scan(earlier);
    return current.tokens.length !== 1 || current.tokens[0] !== earlier;
  }
  if (!mountsChanged(before) && (before.capBpf || !hasCapBpf())) return false;
  releaseTokens();
  current = find();
  return true;
}

/**
 * Closes the tokens that the library found by itself, and forgets what it knows about mounts and the variable
 * LIBBPF_BPF_TOKEN_PATH. The next call that can use a token looks again.
 * A bpffs cannot be unmounted while a token of it is open.
 */
export function releaseTokens(): void {
  const tokens = current?.tokens ?? [];
  current = undefined;
  for (const token of tokens) token.close();
}
