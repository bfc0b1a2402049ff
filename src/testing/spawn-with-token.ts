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
import { Delegation, type DelegationInit } from '../token/delegation.ts';
import { identityMaps } from './id-maps.ts';
import { checkMount } from './readback.ts';
import { executionError, setupError } from './setup-error.ts';
import { checkTimeout } from './timeout.ts';

/** What a program under a token always has: CAP_BPF to use it, CAP_DAC_READ_SEARCH to reach its own files. */
export const baseCapabilities: readonly Capability[] = ['bpf', 'dac_read_search'];

/** Where bpffs is mounted unless told otherwise. */
export const defaultMount = '/sys/fs/bpf';

/** One more bpffs with a delegation of its own. */
export interface DelegatedMount {
  readonly path: string;
  readonly delegation: DelegationInit | Delegation | 'any';
}

/** The environment that a program gets. */
export interface TokenEnvironment {
  /** The permissions of the bpffs; none when left out. */
  readonly delegation?: DelegationInit | Delegation | 'any' | undefined;
  /** Capabilities beside CAP_BPF and CAP_DAC_READ_SEARCH, in capabilities(7)'s words: `net_admin`. */
  readonly capabilities?: readonly Capability[] | undefined;
  /** Where the bpffs is mounted: an existing directory or a link to one, not `/`; `/sys/fs/bpf` by default. */
  readonly mount?: string | undefined;
  /** Further bpffs mounts, made after the first in this order: at most 15. */
  readonly moreMounts?: readonly DelegatedMount[] | undefined;
  /** A network namespace of its own, with the loopback device up; by default only with `isolate`. */
  readonly net?: boolean | undefined;
  /**
   * Against hostile code: ids that are unprivileged outside, a PID namespace of its own, no new privileges, and no
   * descriptors but those in `stdio`. What the program needs must be readable for everybody; see docs/security.md.
   */
  readonly isolate?: boolean | undefined;
  /** With `isolate`: files and folders, in folders that are closed to other users, that are shown read-only. */
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

/** Loaded when it is asked for: what most runs do without. */
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
 * Starts a program under a BPF token: in a user namespace that is not the initial one, with its own mounts,
 * a bpffs that delegates exactly the given permissions, and exactly CAP_BPF, CAP_DAC_READ_SEARCH and the
 * capabilities asked for. Ids keep their numbers.
 *
 * The process returned stands for the program: signals sent to it are passed on, it ends as the program
 * ends, and stdio is the program's own. Its `pid` is that of the supervisor. When the program ends, what it
 * left running is killed; when this process or the supervisor dies, all of it is.
 *
 * What stands in the way is an `error` event, as with `child_process.spawn`: a TokenError when delegating
 * is refused or the kernel shows other permissions than those asked for, a NotSupportedError when the kernel
 * has no tokens, Node's own error when the program cannot be executed, and with `isolate` a BpfError that names the
 * file or folder that the program needs and cannot reach. The process then ends with status 125, 126 (cannot be
 * executed) or 127 (not found). An end by a real-time signal, which Node has no name for, is status 128 plus its number.
 *
 * Without `isolate` the program is to be trusted: it can write what this user can, signal other processes, and
 * uses every descriptor it inherits. With it, it may be hostile: it is an unprivileged user with ids 0 to 65535
 * of its own, sees no process but its own, and all of them end with the first.
 *
 * With `uid` or `gid` the program has no supplementary groups, as with `child_process.spawn`; where they cannot be
 * dropped, that is an error.
 *
 * Needs CAP_SYS_ADMIN in the initial user namespace, /proc, and Linux 6.9.
 *
 * @throws TypeError for unknown options and names, and for struct_ops maps with `isolate`
 * @throws RangeError for a `uid` or `gid` that is none, or that an isolated program cannot have, for more than 15
 *   `moreMounts`, and for a timeout that no timer takes
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
    // As with child_process.spawn, null is as good as nothing.
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
