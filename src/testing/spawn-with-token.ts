import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { rejectUnknownOptions } from '../errors/index.ts';
import {
  type Capability,
  capabilityMask,
  type HelperFailure,
  type HelperRequest,
  parseCapability,
  startHelper,
} from '../sys/index.ts';
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
  /** Where the bpffs is mounted: an existing directory; `/sys/fs/bpf` by default. */
  readonly mount?: string | undefined;
  /** Further bpffs mounts, made after the first in this order. */
  readonly moreMounts?: readonly DelegatedMount[] | undefined;
  /** A network namespace of its own, with the loopback device up. */
  readonly net?: boolean | undefined;
}

/** Options of {@link spawnWithToken}: those of `child_process.spawn` except `shell`, and the environment. */
export interface SpawnWithTokenOptions extends Omit<SpawnOptions, 'shell'>, TokenEnvironment {}

const OWN_OPTIONS = ['delegation', 'capabilities', 'mount', 'moreMounts', 'net'];
const SPAWN_OPTIONS = [
  ...['argv0', 'cwd', 'detached', 'env', 'gid', 'killSignal', 'serialization', 'signal', 'stdio', 'timeout'],
  ...['uid', 'windowsHide', 'windowsVerbatimArguments'],
];

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
 * has no tokens, and Node's own error when the program cannot be executed. The process then ends with
 * status 125, 126 (cannot be executed) or 127 (not found).
 *
 * Needs CAP_SYS_ADMIN in the initial user namespace, and Linux 6.9.
 *
 * @throws TypeError for unknown options and names, RangeError for a timeout that no timer takes
 */
export function spawnWithToken(
  file: string,
  args: readonly string[] = [],
  options: SpawnWithTokenOptions = {},
): ChildProcess {
  rejectUnknownOptions('spawnWithToken', options, [...OWN_OPTIONS, ...SPAWN_OPTIONS]);
  checkTimeout(options.timeout);
  const {
    delegation,
    capabilities = [],
    mount = defaultMount,
    moreMounts = [],
    net,
    uid,
    gid,
    argv0,
    ...rest
  } = options;
  const asked = [{ path: mount, delegation: delegation ?? {} }, ...moreMounts].map((entry) => ({
    path: entry.path,
    delegation: Delegation.from(entry.delegation),
  }));
  const request: HelperRequest = {
    ...identityMaps(),
    mounts: asked.map((entry) => ({ path: entry.path, options: entry.delegation.toMountOptions() })),
    keep: capabilityMask([...baseCapabilities, ...capabilities.map(parseCapability)]),
    ...{ net, uid, gid, argv0 },
  };
  const child = startHelper([file, ...args], request, rest, {
    mounted: (pid, devices) => {
      for (const [index, { path, delegation }] of asked.entries()) {
        const problem = checkMount(pid, path, devices[index] ?? '', delegation);
        if (problem === undefined) continue;
        // Once the helper has been told: without a listener this event throws.
        process.nextTick(() => child.emit('error', problem));
        return false;
      }
      return true;
    },
    failed: (failure: HelperFailure) => {
      child.emit(
        'error',
        failure.stage === 'exec' ? executionError(failure, file, args) : setupError(failure),
      );
    },
  });
  return child;
}
