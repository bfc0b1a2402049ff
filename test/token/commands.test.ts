import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttachType, attachTypes, type ProgLoadAttr, type ProgramType } from '../../src/abi/index.ts';
import { ClosedError, TokenError } from '../../src/errors/index.ts';
import {
  capabilityMask,
  type Fd,
  getCapabilities,
  openDescriptors,
  setCapabilities,
} from '../../src/sys/index.ts';
import { runWithToken } from '../../src/testing/index.ts';
import {
  btfGetFdById,
  btfLoad,
  createToken,
  mapCreate,
  progLoad,
  progLoadAsync,
  releaseTokens,
} from '../../src/token/index.ts';
import { BTF_INT, mapAttr, programAttr } from './objects.ts';
import { recordCalls } from './recording.ts';

/** The TokenError that a call ends with. */
function refused(call: () => Fd): TokenError {
  try {
    call().close();
  } catch (error) {
    assert.ok(error instanceof TokenError, String(error));
    return error;
  }
  throw new assert.AssertionError({ message: 'the call was not refused' });
}

test('a token is used without being asked for', async (t) => {
  const delegation = {
    cmds: 'map_create,prog_load,btf_load',
    maps: 'hash',
    progs: 'socket_filter',
    attachs: '1',
  };
  await runWithToken(t, 'by every command', delegation, async () => {
    mapCreate(mapAttr('hash')).close();
    progLoad(programAttr('socket_filter')).close();
    (await progLoadAsync(programAttr('socket_filter'))).close();
    btfLoad({ btf: BTF_INT, btf_size: BTF_INT.length }).close();
  });

  await runWithToken(t, 'found once, and then at no cost', delegation, () => {
    const first = recordCalls(() => mapCreate(mapAttr('hash')).close());
    assert.ok(first.includes('bpf:token_create'), first.join(' '));
    assert.deepEqual(
      recordCalls(() => mapCreate(mapAttr('hash')).close()),
      ['bpf:map_create', 'close'],
    );
    releaseTokens();
    assert.deepEqual(
      recordCalls(() => mapCreate(mapAttr('hash')).close()),
      first,
      'released tokens are found again',
    );
  });

  await runWithToken(t, 'but not when it is off', delegation, () => {
    let error: TokenError | undefined;
    const calls = recordCalls(() => {
      error = refused(() => mapCreate({ ...mapAttr('hash'), map_name: 'm' }, 'off'));
    });
    assert.equal(
      error?.message,
      'Cannot create map "m" (hash): EPERM: tokens are turned off: leave out the option token: "off"',
    );
    assert.equal(error?.reason, 'no_token');
    assert.deepEqual(error?.candidates, []);
    assert.ok(!calls.includes('openat'), 'nothing is looked for');
  });

  await runWithToken(t, 'or one that is passed', delegation, () => {
    const token = createToken();
    const calls = recordCalls(() => mapCreate(mapAttr('hash'), token).close());
    assert.deepEqual(calls, ['bpf:map_create', 'close']);
    assert.equal(refused(() => mapCreate(mapAttr('array'), token)).mount, '/sys/fs/bpf');
    token.close();
    token.close();
    assert.ok(token.closed);
    assert.throws(() => mapCreate(mapAttr('hash'), token), ClosedError);
    assert.throws(() => mapCreate(mapAttr('array'), token), ClosedError);
  });
});

test('a token that is closed while a load is under way is kept until it is over', async (t) => {
  await runWithToken(t, 'off the event loop', 'any', async () => {
    const before = openDescriptors().length;
    const token = createToken();
    const loads = Array.from({ length: 20 }, () => progLoadAsync(programAttr('socket_filter'), token));
    token.close();
    assert.ok(token.closed);
    for (const fd of await Promise.all(loads)) fd.close();
    assert.equal(openDescriptors().length, before, 'the descriptor is closed when the last load is over');
    await assert.rejects(progLoadAsync(programAttr('socket_filter'), token), ClosedError);

    const ambient = Array.from({ length: 20 }, () => progLoadAsync(programAttr('socket_filter')));
    releaseTokens();
    for (const fd of await Promise.all(ambient)) fd.close();
    assert.equal(openDescriptors().length, before);
  });
});

test('a permission that the token lacks is named', async (t) => {
  const message = (call: () => Fd): string => {
    const error = refused(call);
    assert.equal(error.reason, 'permission_missing');
    assert.equal(error.code, 'EPERM');
    assert.equal(error.mount, '/sys/fs/bpf');
    return `${error.message} ${JSON.stringify(error.missing)}`;
  };
  await runWithToken(t, 'of maps', { cmds: 'map_create', maps: 'array' }, () => {
    mapCreate(mapAttr('array')).close();
    assert.equal(
      message(() => mapCreate({ ...mapAttr('hash'), map_name: 'counters' })),
      'Cannot create map "counters" (hash): EPERM: the token does not permit it: mount at /sys/fs/bpf: ' +
        'add hash to delegate_maps (now array) [{"option":"delegate_maps","name":"hash"}]',
    );
    assert.equal(
      message(() => btfLoad({ btf: BTF_INT, btf_size: BTF_INT.length })),
      'Cannot load BTF: EPERM: the token does not permit it: mount at /sys/fs/bpf: ' +
        'add btf_load to delegate_cmds (now map_create) [{"option":"delegate_cmds","name":"btf_load"}]',
    );
    assert.equal(
      message(() => progLoad(programAttr('socket_filter', { prog_name: 'p' }))),
      'Cannot load program "p" (socket_filter): EPERM: the token does not permit it: mount at /sys/fs/bpf: ' +
        'add prog_load to delegate_cmds (now map_create), socket_filter to delegate_progs (now empty) ' +
        'and cgroup_inet_ingress to delegate_attachs (now empty) ' +
        '[{"option":"delegate_cmds","name":"prog_load"},{"option":"delegate_progs","name":"socket_filter"},' +
        '{"option":"delegate_attachs","name":"cgroup_inet_ingress"}]',
    );
  });
  await runWithToken(
    t,
    'of programs loaded off the event loop',
    { cmds: 'prog_load', maps: 'any' },
    async () => {
      await assert.rejects(progLoadAsync(programAttr('xdp')), {
        name: 'TokenError',
        reason: 'permission_missing',
        message:
          /add xdp to delegate_progs \(now empty\) and cgroup_inet_ingress to delegate_attachs \(now empty\)$/,
      });
    },
  );
});

test('the attach type is what the kernel looks at', async (t) => {
  const load = (type: ProgramType, more?: ProgLoadAttr): void => progLoad(programAttr(type, more)).close();
  const cases: readonly { type: ProgramType; attachs: AttachType; needs?: 'net_admin' }[] = [
    { type: 'cgroup_sock', attachs: 'cgroup_inet_sock_create', needs: 'net_admin' },
    { type: 'sk_reuseport', attachs: 'sk_reuseport_select' },
    { type: 'socket_filter', attachs: 'cgroup_inet_ingress' },
  ];
  for (const { type, attachs, needs } of cases) {
    const capabilities = needs === undefined ? [] : [needs];
    const cmds = 'prog_load';
    await runWithToken(
      t,
      `${type} needs ${attachs}`,
      { cmds, progs: type, attachs },
      () => {
        load(type);
        if (attachs !== 'cgroup_inet_ingress')
          load(type, { expected_attach_type: attachTypes.number(attachs) });
      },
      { capabilities },
    );
    await runWithToken(
      t,
      `${type} is refused without ${attachs}`,
      { cmds, progs: type, attachs: 'sk_lookup,cgroup_device' },
      () => {
        const { missing, reason } = refused(() => progLoad(programAttr(type)));
        assert.equal(reason, 'permission_missing');
        assert.deepEqual(missing, [{ option: 'delegate_attachs', name: attachs }]);
      },
      { capabilities },
    );
  }
});

test('a capability that is missing in the namespace is named', async (t) => {
  await runWithToken(t, 'CAP_NET_ADMIN and CAP_PERFMON', 'any', () => {
    const error = refused(() => mapCreate({ ...mapAttr('devmap'), map_name: 'd' }));
    assert.equal(
      error.message,
      'Cannot create map "d" (devmap): EPERM: the token of /sys/fs/bpf permits it, ' +
        'but this process lacks CAP_NET_ADMIN in its user namespace: grant it there',
    );
    assert.equal(error.reason, 'capability_missing');
    assert.deepEqual(error.capabilities, ['CAP_NET_ADMIN']);
    assert.deepEqual(refused(() => progLoad(programAttr('kprobe'))).capabilities, ['CAP_PERFMON']);
  });

  await runWithToken(t, 'CAP_BPF, given up after the token was made', 'any', () => {
    mapCreate(mapAttr('hash')).close();
    const { effective, permitted, inheritable } = getCapabilities();
    setCapabilities({ effective: effective & ~capabilityMask(['bpf']), permitted, inheritable });
    const error = refused(() => mapCreate(mapAttr('hash')));
    assert.equal(error.reason, 'capability_missing');
    assert.deepEqual(error.capabilities, ['CAP_BPF']);
  });

  await runWithToken(t, 'CAP_BPF, never there', 'any', () => {
    const { effective, permitted, inheritable } = getCapabilities();
    setCapabilities({ effective: effective & ~capabilityMask(['bpf']), permitted, inheritable });
    const error = refused(() => mapCreate(mapAttr('hash')));
    assert.equal(
      error.message,
      'Cannot create map (hash): EPERM: no BPF token without CAP_BPF, ' +
        'which this process lacks in its user namespace: grant it there',
    );
    assert.equal(error.reason, 'no_cap_bpf');
    assert.deepEqual(error.capabilities, ['CAP_BPF']);
    assert.throws(() => createToken(), {
      name: 'TokenError',
      code: 'EPERM',
      reason: 'no_cap_bpf',
      message:
        'Cannot create a BPF token: /sys/fs/bpf: this process lacks CAP_BPF in its user namespace: grant CAP_BPF',
    });
  });
});

test('BTF by id takes CAP_SYS_ADMIN in the namespace, and a kernel that takes a token for it', async (t) => {
  const delegation = { cmds: 'btf_get_fd_by_id' };
  const open = (): void => btfGetFdById(1).close(); // vmlinux
  await runWithToken(
    t,
    'with it',
    delegation,
    (sub) => {
      try {
        open();
      } catch (error) {
        assert.ok(error instanceof TokenError);
        assert.equal(error.reason, 'no_kernel_support');
        assert.equal(
          error.message,
          'Cannot open BTF by id 1: EPERM: this kernel takes no BPF token for btf_get_fd_by_id: that needs Linux 6.15',
        );
        sub.diagnostic('this kernel takes no token for it');
      }
    },
    { capabilities: ['sys_admin'] },
  );
  await runWithToken(t, 'without it', delegation, () => {
    const { reason, capabilities } = refused(() => btfGetFdById(1));
    if (reason !== 'no_kernel_support') {
      assert.equal(reason, 'capability_missing');
      assert.deepEqual(capabilities, ['CAP_SYS_ADMIN']);
    }
  });
});
