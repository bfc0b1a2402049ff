import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { createRequire } from 'node:module';
import { type Capability, capabilities as capabilityTable } from '../abi/index.ts';
import { checkArray, rejectUnknownOptions } from '../errors/index.ts';
import {
  capabilityMask,
  type HelperFailure,
  type HelperRequest,
  MOST_MOUNTS,
  startHelper,
  startRefused,
} from '../sys/index.ts';
import { parseMountinfo } from '../sys/mountinfo.ts';
import { Delegation, type DelegationInit } from '../token/delegation/index.ts';
import { identityMaps } from './id-maps.ts';
import { checkMount } from './readback.ts';
import { executionError, setupError } from './setup-error.ts';
import { checkTimeout } from './timeout.ts';

/** What a program under a token always has: CAP_BPF to use it, CAP_DAC_READ_SEARCH to reach its own files. */
const baseCapabilities: readonly Capability[] = ['bpf', 'dac_read_search'];

/** The default place of the bpffs. */
const defaultMount = '/sys/fs/bpf';

/** One more bpffs with its own delegation. */
export interface DelegatedMount {
  readonly path: string;
  readonly delegation: DelegationInit | Delegation | 'any';
}

/** The environment that a program gets. */
export interface TokenEnvironment {
  /** The permissions of the bpffs; none when left out. */
  readonly delegation?: DelegationInit | Delegation | 'any' | undefined;
  /** More capabilities than CAP_BPF and CAP_DAC_READ_SEARCH, named as in capabilities(7): `net_admin`. */
  readonly capabilities?: readonly Capability[] | undefined;
  /** Where to mount the bpffs: an existing directory or a link to one, not `/`. Default: `/sys/fs/bpf`. */
  readonly mount?: string | undefined;
  /** Further bpffs mounts, made after the first in this order: at most 15. */
  readonly moreMounts?: readonly DelegatedMount[] | undefined;
  /** A separate network namespace, with the loopback device up. Default: only with `isolate`. */
  readonly net?: boolean | undefined;
  /**
   * Against hostile code: ids that are unprivileged outside, a separate PID namespace, no new privileges, and no
   * descriptors except those in `stdio`. What the program needs must be readable for everybody; see docs/security.md.
   */
  readonly isolate?: boolean | undefined;
  /** With `isolate`: files and folders to show, read-only, in folders that are closed to other users. */
  readonly readable?: readonly string[] | undefined;
}

/** Options of {@link spawnWithToken}: those of `child_process.spawn` except `shell`, and the environment. */
export interface SpawnWithTokenOptions extends Omit<SpawnOptions, 'shell'>, TokenEnvironment {}

const OWN_OPTIONS = ['delegation', 'capabilities', 'mount', 'moreMounts', 'net', 'isolate', 'readable'];
const SPAWN_OPTIONS = [
  ...['argv0', 'cwd', 'detached', 'env', 'gid', 'killSignal', 'serialization', 'signal', 'stdio', 'timeout'],
  ...['uid', 'windowsHide', 'windowsVerbatimArguments'],
];

const require = createRequire(import.meta.url);

/** Loaded on use: most runs do without it. */
function isolated(
  file: string,
  options: SpawnWithTokenOptions,
  asked: readonly { readonly path: string; readonly delegation: Delegation }[],
): Partial<HelperRequest> {
  const { checkIsolatedDelegation, checkIsolatedId, isolatedMaps, isolation } =
    require('./isolate.js') as typeof import('./isolate.ts');
  const { uid, gid, cwd, env, readable = [] } = options;
  for (const { delegation } of asked) checkIsolatedDelegation(delegation);
  checkIsolatedId('uid', uid);
  checkIsolatedId('gid', gid);
  return {
    ...isolatedMaps(),
    isolate: isolation({ file, cwd, env, readable, mounts: asked.map(({ path }) => path) }),
  };
}

/**
 * Starts a program under a BPF token: in a user namespace that is not the initial one, with its own mounts, a bpffs
 * that delegates exactly the given permissions, and exactly CAP_BPF, CAP_DAC_READ_SEARCH and the capabilities you ask
 * for. Ids keep their numbers.
 *
 * The returned process stands for the program: signals sent to it are passed on, it ends as the program ends, and stdio
 * is the program's own. Its `pid` is that of the supervisor. When the program ends, what it left running is killed.
 * When this process or the supervisor dies, all of it is killed.
 *
 * Problems are an `error` event, as with `child_process.spawn`: a TokenError if delegating is refused or the kernel
 * shows other permissions than you asked for, a NotSupportedError if the kernel has no tokens, Node's own error if the
 * program cannot be executed, and with `isolate` a BpfError that names a file or folder that the program needs and
 * cannot reach. The process then ends with status 125, 126 (cannot be executed) or 127 (not found). If a real-time
 * signal ends the program, the status is 128 plus its number, because Node has no name for it.
 *
 * Without `isolate`, use it only with programs that you trust: the program can write what this user can, signal other
 * processes, and use every descriptor it inherits. With `isolate` it may be hostile: it is an unprivileged user with
 * its own ids 0 to 65535, sees only its own processes, and all of them end with the first.
 *
 * With `uid` or `gid` the program has no supplementary groups, as with `child_process.spawn`. If they cannot be
 * dropped, that is an error.
 *
 * Needs CAP_SYS_ADMIN in the initial user namespace, /proc, and Linux 6.9.
 *
 * @throws TypeError for unknown options and names, and for struct_ops maps with `isolate`
 * @throws RangeError for a `uid` or `gid` that is not an id, or that an isolated program cannot have, for more than 15
 *   `moreMounts`, and for a timeout that no timer can hold
 * @throws what `child_process.spawn` throws at once, such as `E2BIG` for too many arguments
 */
export function spawnWithToken(
  file: string,
  args: readonly string[] = [],
  options: SpawnWithTokenOptions = {},
): ChildProcess {
  rejectUnknownOptions('spawnWithToken', options, [...OWN_OPTIONS, ...SPAWN_OPTIONS]);
  checkArray('spawnWithToken: args', args);
  checkArray('spawnWithToken: capabilities', options.capabilities ?? []);
  checkArray('spawnWithToken: moreMounts', options.moreMounts ?? []);
  checkTimeout(options.timeout);
  const {
    delegation,
    capabilities = [],
    mount = defaultMount,
    moreMounts = [],
    isolate = false,
    net = isolate,
    readable,
    uid,
    gid,
    argv0,
    ...rest
  } = options;
  if (readable !== undefined && !isolate) throw new TypeError('readable: only with isolate');
  if (moreMounts.length >= MOST_MOUNTS) {
    throw new RangeError(
      `spawnWithToken: moreMounts must have at most ${MOST_MOUNTS - 1} mounts, got ${moreMounts.length}`,
    );
  }
  const asked = [{ path: mount, delegation: delegation ?? {} }, ...moreMounts].map((entry) => ({
    path: entry.path,
    delegation: Delegation.from(entry.delegation),
  }));
  let own: Partial<HelperRequest>;
  try {
    own = isolate ? isolated(file, options, asked) : identityMaps();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    return startRefused(error, rest);
  }
  const request: HelperRequest = {
    ...own,
    mounts: asked.map((entry) => ({ path: entry.path, options: entry.delegation.toMountOptions() })),
    keep: capabilityMask([...baseCapabilities, ...capabilities.map(capabilityTable.parse)]),
    // As with child_process.spawn, null is the same as nothing.
    ...{ net, uid: uid ?? undefined, gid: gid ?? undefined, argv0: argv0 ?? undefined },
  };
  return startHelper([file, ...args], request, rest, {
    mounted: (_pid, devices, mountinfo) => {
      const { mounts } = parseMountinfo(mountinfo);
      for (const [index, { path, delegation }] of asked.entries()) {
        const problem = checkMount(mounts, path, devices[index] ?? '', delegation);
        if (problem !== undefined) throw problem;
      }
      return true;
    },
    failed: (failure: HelperFailure) => {
      throw failure.stage === 'exec' ? executionError(failure, file, args) : setupError(failure);
    },
  });
}
