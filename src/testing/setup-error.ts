import { createRequire } from 'node:module';
import { type BpfError, errnoName, NotSupportedError, TokenError } from '../errors/index.ts';
import { type HelperFailure, parseMountinfo } from '../sys/index.ts';
import { hasSeccompFilter, otherRefusers } from '../sys/seccomp.ts';

const { readFileSync } = process.getBuiltinModule('node:fs');

/** The purpose of each step of the helper, and what usually prevents it. */
const STEPS: Readonly<Record<string, readonly [action: string, hint: string]>> = {
  usage: ['start the namespace helper', 'it does not accept its arguments'],
  proc: [
    'set up the process',
    '/proc must be mounted, and be that of the PID namespace of this process or of one above it',
  ],
  fork: ['start a process', 'the process limit may be reached'],
  unshare: [
    'make a user namespace',
    'user namespaces are turned off or used up: see user.max_user_namespaces and, where it exists, kernel.unprivileged_userns_clone; a process in a chroot cannot make one',
  ],
  setgroups: ['set up the user namespace', '/proc must be mounted and writable'],
  uid_map: ['map the user ids', 'mapping ids needs CAP_SETUID, and CAP_SETFCAP when uid 0 is among them'],
  gid_map: ['map the group ids', 'mapping ids needs CAP_SETGID'],
  loopback: ['bring the loopback device up', 'the new network namespace is not usable'],
  private: ['make the mounts private', 'the new mount namespace is not usable'],
  pidfd_open: ['find the process', 'it may have ended'],
  open: ['look into the process', 'it may have ended, or belongs to another user'],
  setns: ['enter the namespaces of the process', 'this needs CAP_SYS_ADMIN in its user namespace'],
  chroot: ['enter the root of the process', 'this needs CAP_SYS_CHROOT in its user namespace'],
  send: ['hand the file system over', 'the supervisor is gone'],
  mountinfo: ['read the mounts of the process', '/proc/self/mountinfo must be readable'],
  groups: [
    'drop the supplementary groups',
    'this needs CAP_SETUID, CAP_SETGID and CAP_SETFCAP; leave uid and gid out to keep the groups',
  ],
  uid: ['become the user', 'the uid does not exist in this user namespace (/proc/self/uid_map)'],
  gid: ['become the group', 'the gid does not exist in this user namespace (/proc/self/gid_map)'],
  capabilities: ['give the program the requested capabilities', 'this kernel may not know one of them'],
  mounts: [
    'make a mount namespace',
    'isolating needs CAP_SYS_ADMIN in the initial user namespace; run this as root there',
  ],
  view: ['show it to the isolated program', 'it may have been moved or deleted'],
  cover: ['hide the folder from the isolated program', 'it may have been moved or deleted'],
  become: ['become root of the user namespace', 'the id map may not allow it'],
  session: ['make a session', 'the helper failed'],
  keyring: ['make a session keyring', 'the quota of keys may be used up: see kernel.keys.maxkeys'],
  nested: ['forbid further user namespaces', 'user.max_user_namespaces must be writable'],
  chdir: ['enter the working directory', 'choose another one in cwd'],
  descriptors: ['close the inherited descriptors', 'the kernel may lack close_range'],
  nonewprivs: ['give up new privileges', 'a security module may forbid it'],
  pdeathsig: ['tie the program to its supervisor', 'a security module may forbid it'],
};

const PATH_HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory; make it, or name another one',
  ENOTDIR: 'it is not a directory; name another one',
  ELOOP: 'it is a circle of symbolic links; name a directory',
  EACCES: 'the directory cannot be reached',
};

/** The errnos that filters answer with; their authors choose. */
const FILTERED: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'ENOSYS']);

/** Steps that older kernels refuse for their own reasons, because there a bpffs cannot be in a user namespace. */
const BPFFS_STEPS: ReadonlySet<string> = new Set(['fsopen', 'fsconfig', 'create', 'mount']);

function refused(message: string, failure: HelperFailure): TokenError {
  return new TokenError(message, {
    code: errnoName(failure.errno),
    errno: failure.errno,
    syscall: failure.stage,
    reason: 'cannot_delegate',
  });
}

const require = createRequire(import.meta.url);

/**
 * Asked and loaded only when something failed: a test under a token starts sooner without it. If the answer cannot be
 * found, as in a process without free descriptors, it does not become a reason.
 */
function tokensExist(): boolean {
  try {
    return (require('../token/index.js') as typeof import('../token/index.ts')).kernelHasTokens() !== false;
  } catch {
    return true;
  }
}

/** The kernel refuses a namespace a /proc that would show more than the existing one. */
function procHint(code: string): string {
  if (code === 'ENOENT') return 'there is no folder /proc';
  if (code !== 'EPERM') return 'this kernel may have been built without it';
  const { mounts } = parseMountinfo(readFileSync('/proc/self/mountinfo'));
  const over = mounts.map((mount) => mount.mountPoint).filter((path) => path.startsWith('/proc/'));
  const outside = 'run this outside of the container';
  return over.length === 0
    ? `the /proc that is mounted here may show only a part of it, or may not be a proc file system: ${outside}`
    : `parts of the /proc that is mounted here are hidden, by mounts such as ${over[0]}: unmount them, or ${outside}`;
}

/** The error of a failed set-up: which step, why, and what to change. */
export function setupError({ stage, errno, detail }: HelperFailure): BpfError {
  const code = errnoName(errno);
  const failure = { stage, errno, detail };
  if (BPFFS_STEPS.has(stage) && !tokensExist()) {
    return new NotSupportedError('Cannot delegate BPF: this kernel has no BPF tokens: they need Linux 6.9', {
      feature: 'BPF tokens',
      since: '6.9',
      errno,
      syscall: stage,
    });
  }
  if (stage === 'fsopen') {
    if (code !== 'ENODEV')
      return refused(`Cannot open a bpf file system: ${code}: ${otherRefusers()}`, failure);
    return new NotSupportedError('Cannot open a bpf file system: ENODEV: this kernel was built without BPF', {
      feature: 'bpf file system',
      since: '4.4',
      errno,
      syscall: 'fsopen',
    });
  }
  if (stage === 'covered') {
    return new TokenError(
      `Cannot delegate BPF at ${detail}: ERR_BPF_TOKEN_READBACK: a process would not see a bpf file system that is mounted over its root directory; name another directory`,
      { code: 'ERR_BPF_TOKEN_READBACK', reason: 'cannot_delegate', mount: detail },
    );
  }
  if (stage === 'mount') {
    const hint = PATH_HINTS[code] ?? 'the mount was refused';
    return refused(`Cannot mount a bpf file system at ${detail}: ${code}: ${hint}`, failure);
  }
  if (stage === 'fsconfig' || stage === 'create') {
    const object = stage === 'fsconfig' ? `set the mount option ${detail}` : 'create a bpf file system';
    const hint =
      code === 'EPERM'
        ? 'delegating BPF needs CAP_SYS_ADMIN in the initial user namespace; run this as root there'
        : 'the kernel does not accept these options';
    return refused(`Cannot ${object}: ${code}: ${hint}`, failure);
  }
  if (stage === 'ownproc')
    return refused(`Cannot mount a /proc for the isolated program: ${code}: ${procHint(code)}`, failure);
  const [action, usual] = STEPS[stage] ?? [`set up the process (${stage})`, 'the helper failed'];
  const hint =
    FILTERED.has(code) && hasSeccompFilter() === true
      ? `${usual}; the seccomp filter of this process may refuse it too`
      : usual;
  const object = detail === '' ? '' : ` (${detail})`;
  return refused(`Cannot ${action}${object}: ${code}: ${hint}`, failure);
}

/** The error of a program that could not be executed, as node:child_process makes it. */
export function executionError(failure: HelperFailure, file: string, args: readonly string[]): Error {
  const code = errnoName(failure.errno);
  return Object.assign(new Error(`spawn ${file} ${code}`), {
    errno: -failure.errno,
    code,
    syscall: `spawn ${file}`,
    path: file,
    spawnargs: [...args],
  });
}

/** Steps that are refused if delegating is: without privileges, or without user namespaces. */
const RIGHTS: ReadonlySet<string> = new Set([
  'unshare',
  'mounts',
  'setgroups',
  'uid_map',
  'gid_map',
  'fsconfig',
  'create',
]);
const REFUSALS: ReadonlySet<string> = new Set(['EPERM', 'EACCES', 'ENOSPC', 'EUSERS']);

/** Whether an error says that nobody could delegate here: this process has no right to, or the kernel has no tokens. */
export function isEnvironmental(error: unknown): boolean {
  if (error instanceof NotSupportedError) return true;
  return error instanceof TokenError && RIGHTS.has(error.syscall ?? '') && REFUSALS.has(error.code);
}
