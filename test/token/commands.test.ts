// depends on: tokens
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AttachType, attachTypes, type ProgramType } from '../../src/abi/index.ts';
import { ClosedError, TokenError } from '../../src/errors/index.ts';
import { type Fd, openDescriptors } from '../../src/sys/index.ts';
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
import { withoutCapabilities } from './capabilities.ts';
import { BTF_INT, mapAttr, programAttr } from './objects.ts';
import { recordCalls } from './recording.ts';
import { refused } from './refused.ts';

const hash = (): Fd => mapCreate(mapAttr('hash'));
const loadBtf = (): Fd => btfLoad({ btf: BTF_INT, btf_size: BTF_INT.length });

test('a token is used without being asked for', async (t) => {
  const cmds = 'map_create,prog_load,btf_load';
  const delegation = { cmds, maps: 'hash', progs: 'socket_filter', attachs: 'cgroup_inet_ingress' };
  await runWithToken(t, 'with every command', delegation, async (sub) => {
    await sub.test('found once, and then at no cost', () => {
      const first = recordCalls(() => hash().close());
      assert.ok(first.includes('bpf:token_create'), first.join(' '));
      const later = recordCalls(() => hash().close());
      assert.deepEqual(later, ['bpf:map_create', 'close']);
      releaseTokens();
      const again = recordCalls(() => hash().close());
      assert.deepEqual(again, first, 'released tokens are found again');
    });

    await sub.test('of all kinds', async () => {
      progLoad(programAttr('socket_filter')).close();
      (await progLoadAsync(programAttr('socket_filter'))).close();
      loadBtf().close();
    });

    await sub.test('but not when tokens are off', () => {
      releaseTokens();
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

    await sub.test('or one that is passed', () => {
      releaseTokens();
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

    await sub.test('which is kept, when it is closed, until the loads under way are over', async () => {
      releaseTokens();
      const before = openDescriptors().length;
      const token = createToken();
      const loads = Array.from({ length: 20 }, () => progLoadAsync(programAttr('socket_filter'), token));
      token.close();
      assert.ok(token.closed);
      for (const fd of await Promise.all(loads)) fd.close();
      assert.equal(openDescriptors().length, before, 'closed when the last load is over');
      await assert.rejects(progLoadAsync(programAttr('socket_filter'), token), ClosedError);

      const ambient = Array.from({ length: 20 }, () => progLoadAsync(programAttr('socket_filter')));
      releaseTokens();
      for (const fd of await Promise.all(ambient)) fd.close();
      assert.equal(openDescriptors().length, before);
    });
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
  await runWithToken(t, 'by every command', { cmds: 'map_create', maps: 'array' }, async () => {
    mapCreate(mapAttr('array')).close();
    assert.equal(
      message(() => mapCreate({ ...mapAttr('hash'), map_name: 'counters' })),
      'Cannot create map "counters" (hash): EPERM: the token does not permit it: mount at /sys/fs/bpf: ' +
        'add hash to delegate_maps (now array) [{"option":"delegate_maps","name":"hash"}]',
    );
    assert.equal(
      message(loadBtf),
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
    await assert.rejects(progLoadAsync(programAttr('xdp')), {
      name: 'TokenError',
      reason: 'permission_missing',
      message:
        /add prog_load to delegate_cmds .*, xdp to delegate_progs .* and cgroup_inet_ingress to delegate_attachs \(now empty\)$/,
    });
  });
});

test('the attach type is what the kernel looks at', async (t) => {
  const attachOf = new Map<ProgramType, AttachType>([
    ['cgroup_sock', 'cgroup_inet_sock_create'],
    ['sk_reuseport', 'sk_reuseport_select'],
    ['socket_filter', 'cgroup_inet_ingress'],
  ]);
  const progs = [...attachOf.keys()];
  const options = { capabilities: ['net_admin'] } as const;
  for (const [type, attach] of attachOf) {
    const attachs = [attach];
    await runWithToken(
      t,
      `${attach} for ${type}`,
      { cmds: 'prog_load', progs, attachs },
      () => {
        progLoad(programAttr(type)).close();
        if (type !== 'socket_filter') {
          progLoad(programAttr(type, { expected_attach_type: attachTypes.number(attach) })).close();
        }
        for (const [other, needed] of attachOf) {
          if (other === type) continue;
          const { missing, reason } = refused(() => progLoad(programAttr(other)));
          assert.equal(reason, 'permission_missing');
          assert.deepEqual(missing, [{ option: 'delegate_attachs', name: needed }]);
        }
      },
      options,
    );
  }
});

test('a capability that is missing in the namespace is named', async (t) => {
  await runWithToken(t, 'beside the token', 'any', () => {
    const error = refused(() => mapCreate({ ...mapAttr('devmap'), map_name: 'd' }));
    assert.equal(
      error.message,
      'Cannot create map "d" (devmap): EPERM: the token of /sys/fs/bpf permits it, ' +
        'but this process lacks CAP_NET_ADMIN in its user namespace: grant it there',
    );
    assert.equal(error.reason, 'capability_missing');
    assert.deepEqual(error.capabilities, ['net_admin']);
    assert.deepEqual(refused(() => progLoad(programAttr('kprobe'))).capabilities, ['perfmon']);

    withoutCapabilities(['bpf'], () => {
      const given = refused(hash);
      assert.equal(given.reason, 'capability_missing', 'CAP_BPF was given up after the token was made');
      assert.deepEqual(given.capabilities, ['bpf']);

      releaseTokens();
      const never = refused(hash);
      assert.equal(
        never.message,
        'Cannot create map (hash): EPERM: there is no BPF token: ' +
          'this process lacks CAP_BPF in its user namespace: grant it there',
      );
      assert.equal(never.reason, 'no_cap_bpf');
      assert.deepEqual(never.capabilities, ['bpf']);
      assert.throws(() => createToken(), {
        name: 'TokenError',
        code: 'EPERM',
        reason: 'no_cap_bpf',
        message:
          'Cannot create a BPF token: /sys/fs/bpf: this process lacks CAP_BPF in its user namespace: grant CAP_BPF',
      });
    });
    hash().close(); // CAP_BPF is back; the library looks again after a refusal
  });
});

test('BTF by id takes CAP_SYS_ADMIN in the namespace, and a kernel that takes a token for it', async (t) => {
  const vmlinux = (): Fd => btfGetFdById(1);
  const noSupport =
    'Cannot open BTF by id 1: EPERM: this kernel accepts no BPF token for btf_get_fd_by_id: that needs Linux 6.15';
  await runWithToken(
    t,
    'or an explanation',
    { cmds: 'btf_get_fd_by_id' },
    (sub) => {
      let supported = true;
      try {
        vmlinux().close();
      } catch (error) {
        assert.ok(error instanceof TokenError, String(error));
        assert.deepEqual([error.message, error.reason], [noSupport, 'no_kernel_support']);
        sub.diagnostic('this kernel takes no token for it');
        supported = false;
      }
      withoutCapabilities(['sys_admin'], () => {
        const { reason, capabilities } = refused(vmlinux);
        assert.equal(reason, supported ? 'capability_missing' : 'no_kernel_support');
        assert.deepEqual(capabilities, supported ? ['sys_admin'] : []);
      });
    },
    { capabilities: ['sys_admin'] },
  );
});
