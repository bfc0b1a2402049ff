// depends on: older tokens
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapTypes, programTypes } from '../../../src/abi/index.ts';
import { BpfError, type TokenError } from '../../../src/errors/index.ts';
import { capabilityMask } from '../../../src/sys/index.ts';
import { btfByIdNeed, btfNeed, mapNeed, programNeed } from '../../../src/token/choice/index.ts';
import { candidate } from '../../../src/token/discovery/candidate.ts';
import { explain } from '../../../src/token/explain/explain.ts';
import type { Facts } from '../../../src/token/explain/facts.ts';
import { Delegation } from '../../../src/token/index.ts';

const hash = mapNeed({ map_type: mapTypes.number('hash'), map_name: 'counters' });
const devmap = mapNeed({ map_type: mapTypes.number('devmap') });
const xdp = programNeed({ prog_type: programTypes.number('xdp'), prog_name: 'drop' });
const ext = programNeed({ prog_type: programTypes.number('ext') });

/** A process in a user namespace that has CAP_BPF but no token. */
const inside: Facts = {
  initial: false,
  off: undefined,
  kernelTokens: true,
  commandTokens: true,
  tokens: [],
  candidates: [],
  effective: capabilityMask(['bpf', 'dac_read_search']),
  lockedMemoryLimit: undefined,
  others: 'somebody else may refuse it',
};
const outside: Facts = { ...inside, initial: true, kernelTokens: undefined };
const tokenOf = (
  mount: string,
  delegation: Parameters<typeof Delegation.from>[0],
): Facts['tokens'][number] => ({
  mount,
  delegation: Delegation.from(delegation),
});

/** Checks the message and the fields that callers decide by. All other fields must have their defaults. */
function pin(error: TokenError, fields: Partial<TokenError>, message: string): void {
  assert.equal(error.message, message);
  const expected = { missing: [], capabilities: [], mount: undefined, delegation: undefined, ...fields };
  for (const [key, value] of Object.entries(expected)) {
    assert.deepEqual(error[key as keyof TokenError], value, key);
  }
  assert.deepEqual([error.name, error.code, error.errno, error.syscall], ['TokenError', 'EPERM', 1, 'bpf']);
  assert.ok(BpfError.is(error));
}

test('1: the token lacks permissions', () => {
  const few = tokenOf('/sys/fs/bpf', { cmds: 'prog_load', maps: 'array,ringbuf' });
  pin(
    explain(hash, { ...inside, tokens: [few] }),
    {
      reason: 'permission_missing',
      command: 'map_create',
      missing: [
        { option: 'delegate_cmds', name: 'map_create' },
        { option: 'delegate_maps', name: 'hash' },
      ],
      mount: '/sys/fs/bpf',
      delegation: few.delegation,
    },
    'Cannot create map "counters" (hash): EPERM: the token does not permit it: mount at /sys/fs/bpf: ' +
      'add map_create to delegate_cmds (now prog_load) and hash to delegate_maps (now array:ringbuf)',
  );
});

test('1: of several tokens, the one that lacks least is named', () => {
  const far = tokenOf('/sys/fs/bpf', { cmds: 'btf_load' });
  const near = tokenOf('/run/bpf', { cmds: 'prog_load', progs: 'xdp', attachs: 'sk_lookup' });
  pin(
    explain(xdp, { ...inside, tokens: [far, near] }),
    {
      reason: 'permission_missing',
      command: 'prog_load',
      missing: [{ option: 'delegate_attachs', name: 'cgroup_inet_ingress' }],
      mount: '/run/bpf',
      delegation: near.delegation,
    },
    'Cannot load program "drop" (xdp): EPERM: none of 2 tokens permits it: mount at /run/bpf: ' +
      'add cgroup_inet_ingress to delegate_attachs (now sk_lookup)',
  );
});

test('1: long lists are cut, unknown numbers are shown as they are', () => {
  const names = mapTypes.names.filter((name) => name !== 'hash' && name !== 'unspec');
  const most = tokenOf('/sys/fs/bpf', { cmds: 'map_create', maps: names });
  assert.equal(
    explain(hash, { ...inside, tokens: [most] }).message,
    'Cannot create map "counters" (hash): EPERM: the token does not permit it: mount at /sys/fs/bpf: ' +
      'add hash to delegate_maps (now array:prog_array:perf_event_array:percpu_hash:percpu_array:' +
      `stack_trace:cgroup_array:lru_hash and ${names.length - 8} more)`,
  );
  assert.equal(
    explain(mapNeed({ map_type: 63 }), { ...inside, tokens: [tokenOf('/b', { cmds: 'map_create' })] })
      .message,
    'Cannot create map (map type 63): EPERM: the token does not permit it: mount at /b: ' +
      'add unknown bit 63 to delegate_maps (now empty)',
  );
});

test('2: the token permits it, but a capability is missing in the namespace', () => {
  const all = tokenOf('/sys/fs/bpf', 'any');
  pin(
    explain(devmap, { ...inside, tokens: [all] }),
    {
      reason: 'capability_missing',
      command: 'map_create',
      capabilities: ['net_admin'],
      mount: '/sys/fs/bpf',
      delegation: Delegation.any,
    },
    'Cannot create map (devmap): EPERM: the token of /sys/fs/bpf permits it, ' +
      'but this process lacks CAP_NET_ADMIN in its user namespace: grant it there',
  );
  pin(
    explain(ext, { ...inside, effective: 0n, tokens: [all] }),
    {
      reason: 'capability_missing',
      command: 'prog_load',
      capabilities: ['bpf', 'net_admin', 'perfmon'],
      mount: '/sys/fs/bpf',
      delegation: Delegation.any,
    },
    'Cannot load program (ext): EPERM: the token of /sys/fs/bpf permits it, but this process lacks ' +
      'CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON in its user namespace: grant them there',
  );
  pin(
    explain(btfByIdNeed(7), { ...inside, tokens: [all] }),
    {
      reason: 'capability_missing',
      command: 'btf_get_fd_by_id',
      capabilities: ['sys_admin'],
      mount: '/sys/fs/bpf',
      delegation: Delegation.any,
    },
    'Cannot open BTF by id 7: EPERM: the token of /sys/fs/bpf permits it, ' +
      'but this process lacks CAP_SYS_ADMIN in its user namespace: grant it there',
  );
});

test('3: there is no token, and each mount says why', () => {
  pin(
    explain(hash, inside),
    { reason: 'no_token', command: 'map_create', candidates: [] },
    'Cannot create map "counters" (hash): EPERM: there is no BPF token: no bpffs is mounted: ' +
      'mount one with delegate_* options at /sys/fs/bpf',
  );
  const candidates = [
    candidate('/sys/fs/bpf', 'other_user_namespace', '', { errno: 1, code: 'EPERM' }),
    candidate('/run/bpf', 'nothing_delegated', '', { errno: 2, code: 'ENOENT' }),
    candidate('/odd', 'unexpected', '', { errno: 23, code: 'ENFILE' }),
  ];
  pin(
    explain(hash, { ...inside, candidates }),
    { reason: 'no_token', command: 'map_create', candidates },
    'Cannot create map "counters" (hash): EPERM: there is no BPF token: ' +
      '/sys/fs/bpf: it belongs to another user namespace: create the bpffs from inside the user namespace ' +
      'of this process; otherwise a security module refuses; /run/bpf: nothing is delegated there: mount it with delegate_* options; ' +
      '/odd: ENFILE: the machine has too many open files: raise fs.file-max',
  );
  pin(
    explain(hash, { ...inside, off: 'leave out the option token: "off"' }),
    { reason: 'no_token', command: 'map_create' },
    'Cannot create map "counters" (hash): EPERM: tokens are turned off: leave out the option token: "off"',
  );
});

test('3: what lies under another bpffs is left out of the message', () => {
  const candidates = [
    candidate('/sys/fs/bpf', 'covered', 'delegate_cmds=any'),
    candidate('/sys/fs/bpf', 'nothing_delegated', '', { errno: 2, code: 'ENOENT' }),
    candidate('/run/bpf', 'covered', ''),
  ];
  assert.equal(
    explain(hash, { ...inside, candidates }).message,
    'Cannot create map "counters" (hash): EPERM: there is no BPF token: ' +
      '/sys/fs/bpf: nothing is delegated there: mount it with delegate_* options; ' +
      '/run/bpf: another mount lies over it: unmount that one, or mount this bpffs elsewhere',
  );
});

test('4: no CAP_BPF, beside mounts that no token is meant to come from', () => {
  const candidates = [
    candidate('/mnt', 'nothing_delegated', ''),
    candidate('/host/bpf', 'other_user_namespace', 'delegate_cmds=any'),
    candidate('/run/bpf', 'no_cap_bpf', 'delegate_cmds=any', { errno: 1, code: 'EPERM' }),
  ];
  const error = explain(hash, { ...inside, effective: 0n, candidates });
  assert.equal(error.reason, 'no_cap_bpf');
  assert.equal(error.mount, '/run/bpf');
});

test('4: no CAP_BPF', () => {
  const candidates = [
    candidate('/sys/fs/bpf', 'no_cap_bpf', 'delegate_cmds=any', { errno: 1, code: 'EPERM' }),
  ];
  pin(
    explain(hash, { ...inside, effective: 0n, candidates }),
    {
      reason: 'no_cap_bpf',
      command: 'map_create',
      capabilities: ['bpf'],
      mount: '/sys/fs/bpf',
      candidates,
    },
    'Cannot create map "counters" (hash): EPERM: there is no BPF token: ' +
      'this process lacks CAP_BPF in its user namespace: grant it there',
  );
  pin(
    explain(xdp, { ...outside, effective: 0n }),
    { reason: 'no_cap_bpf', command: 'prog_load', capabilities: ['bpf', 'net_admin'] },
    'Cannot load program "drop" (xdp): EPERM: this process lacks CAP_BPF and CAP_NET_ADMIN: grant them',
  );
  pin(
    explain(devmap, outside),
    { reason: 'capability_missing', command: 'map_create', capabilities: ['net_admin'] },
    'Cannot create map (devmap): EPERM: this process lacks CAP_NET_ADMIN: grant it',
  );
});

test('5: the kernel has no tokens, or takes none for the command', () => {
  pin(
    explain(hash, { ...inside, kernelTokens: false }),
    { reason: 'no_kernel_support', command: 'map_create' },
    'Cannot create map "counters" (hash): EPERM: this kernel has no BPF tokens: ' +
      'a process in a user namespace needs Linux 6.9 for this',
  );
  pin(
    explain(btfByIdNeed(1), { ...inside, commandTokens: false, tokens: [tokenOf('/sys/fs/bpf', 'any')] }),
    { reason: 'no_kernel_support', command: 'btf_get_fd_by_id' },
    'Cannot open BTF by id 1: EPERM: this kernel accepts no BPF token for btf_get_fd_by_id: that needs Linux 6.15',
  );
});

test('6: the locked-memory limit, only where the kernel counts', () => {
  const effective = capabilityMask(['bpf']);
  pin(
    explain(hash, { ...outside, effective, lockedMemoryLimit: 65536 }),
    { reason: 'memlock_limit', command: 'map_create' },
    'Cannot create map "counters" (hash): EPERM: the locked-memory limit of 65536 bytes is too low: ' +
      'raise RLIMIT_MEMLOCK, because this kernel counts BPF objects against it',
  );
  for (const facts of [{ ...outside, effective }, inside, { ...inside, lockedMemoryLimit: 65536 }]) {
    assert.doesNotMatch(explain(hash, facts).message, /MEMLOCK|locked/);
  }
});

test('7: every known condition holds', () => {
  pin(
    explain(btfNeed({}), { ...outside, effective: capabilityMask(['sys_admin']) }),
    { reason: 'unexplained', command: 'btf_load' },
    'Cannot load BTF: EPERM: this process has the capabilities that this needs, and every other known condition is met: ' +
      'somebody else may refuse it',
  );
  pin(
    explain(hash, { ...inside, tokens: [tokenOf('/sys/fs/bpf', 'any')] }),
    { reason: 'unexplained', command: 'map_create', mount: '/sys/fs/bpf', delegation: Delegation.any },
    'Cannot create map "counters" (hash): EPERM: the token of /sys/fs/bpf permits it, and every other known ' +
      'condition is met: somebody else may refuse it',
  );
});

test('where the user namespace cannot be told, that is said', () => {
  const nowhere = { ...inside, initial: undefined, kernelTokens: undefined };
  const also =
    '; in a user namespace this also needs a BPF token, and without /proc it is not known whether this process is in one';
  pin(
    explain(devmap, nowhere),
    { reason: 'capability_missing', command: 'map_create', capabilities: ['net_admin'] },
    `Cannot create map (devmap): EPERM: this process lacks CAP_NET_ADMIN: grant it${also}`,
  );
  pin(
    explain(hash, nowhere),
    { reason: 'unexplained', command: 'map_create' },
    'Cannot create map "counters" (hash): EPERM: this process has the capabilities that this needs, and every ' +
      `other known condition is met: somebody else may refuse it${also}`,
  );
});
