import { inInitialUserNamespace, readMountinfo } from '../sys/index.ts';
import { candidate, type TokenCandidate } from './candidate.ts';
import { tryCreateToken } from './create.ts';
import { discover } from './discovery.ts';
import { Token } from './token.ts';

/** libbpf's variable: a path makes that mount mandatory, the empty text turns tokens off. */
export const PATH_VARIABLE = 'LIBBPF_BPF_TOKEN_PATH';

/** What this process knows of its tokens. */
export interface Ambient {
  /**
   * `scanned`: every bpffs mount was tried. `initial`: in the initial user namespace, where tokens do not
   * exist, nothing was. `off`: the variable is empty. `mandatory`: the variable names the only mount.
   */
  readonly mode: 'scanned' | 'initial' | 'off' | 'mandatory';
  readonly tokens: readonly Token[];
  readonly candidates: readonly TokenCandidate[];
  /** The mounts as they were. */
  readonly mountinfo: Uint8Array | undefined;
}

let current: Ambient | undefined;

function tryReadMountinfo(): Uint8Array | undefined {
  try {
    return readMountinfo();
  } catch {
    return undefined;
  }
}

/** Without /proc nobody can tell, and looking for mounts does no harm. */
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

function mandatory(path: string, mountinfo: Uint8Array | undefined): Ambient {
  const result = tryCreateToken({ path, mount: path });
  if (result instanceof Token) {
    return { mode: 'mandatory', tokens: [result], candidates: [candidate(path, 'usable', '')], mountinfo };
  }
  return {
    mode: 'mandatory',
    tokens: [],
    candidates: [candidate(path, result.outcome, '', result)],
    mountinfo,
  };
}

function find(): Ambient {
  const path = process.env[PATH_VARIABLE];
  if (path === '') return { mode: 'off', tokens: [], candidates: [], mountinfo: undefined };
  if (path !== undefined) return mandatory(path, tryReadMountinfo());
  if (isInitialUserNamespace()) return { mode: 'initial', tokens: [], candidates: [], mountinfo: undefined };
  const mountinfo = tryReadMountinfo();
  return { mode: 'scanned', mountinfo, ...discover(mountinfo) };
}

/** The tokens of this process, looked for at the first call. */
export function ambient(): Ambient {
  current ??= find();
  return current;
}

/** Looks again when the mounts are not what they were; whether it did. For use after a refusal only. */
export function rescanIfMountsChanged(): boolean {
  const before = current;
  if (before === undefined) return false;
  if (before.mode === 'initial' || before.mode === 'off') return false;
  const now = tryReadMountinfo();
  if (now === undefined || (before.mountinfo !== undefined && Buffer.compare(now, before.mountinfo) === 0)) {
    return false;
  }
  releaseTokens();
  current = find();
  return true;
}

/**
 * Closes the tokens that the library found by itself and forgets what it knows, the variable
 * LIBBPF_BPF_TOKEN_PATH included: the next call that can use a token looks again.
 * A bpffs can be unmounted only when no token of it is open.
 */
export function releaseTokens(): void {
  const tokens = current?.tokens ?? [];
  current = undefined;
  for (const token of tokens) token.close();
}
