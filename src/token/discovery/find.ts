import { seen } from '../../errors/index.ts';
import { candidate } from './candidate.ts';
import { tryCreateToken } from './create.ts';
import { tryReadMountinfo } from './mounts.ts';
import { DEFAULT_MOUNT } from './place.ts';
import { refusedToken } from './refused.ts';
import { type Discovery, discover } from './scan.ts';
import { Token } from './token.ts';

/**
 * Makes a token from a bpffs. Pass it as the option `token`, and close it.
 * Capability: CAP_BPF in the user namespace that owns the bpffs, which must be the process's own
 * and not the initial one. Kernel: Linux 6.9.
 *
 * @param mount - the mount point
 * @throws TypeError for anything that is no path
 * @throws NotSupportedError when the kernel has no tokens
 * @throws TokenError when the mount gives none; the message says why and what to change
 */
export function createToken(mount: string = DEFAULT_MOUNT): Token {
  if (typeof mount !== 'string' || mount === '' || mount.includes('\0')) {
    throw new TypeError(`mount: ${seen(mount)} is not a path`);
  }
  const result = tryCreateToken({ path: mount, mount });
  if (result instanceof Token) return result;
  throw refusedToken('create a BPF token', candidate(mount, result.outcome, '', result));
}

/**
 * Looks at every bpffs mount and makes a token from each that gives one, whatever the user namespace and
 * LIBBPF_BPF_TOKEN_PATH. This is for diagnosis: calls that create something find their tokens without it.
 * The caller closes the tokens.
 */
export function findTokens(): Discovery {
  // Without /proc, the conventional mount point is still tried.
  return discover(tryReadMountinfo());
}
