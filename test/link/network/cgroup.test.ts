// depends on: kernel
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { test } from 'node:test';
import { attachCgroup } from '../../../src/link/index.ts';
import { counter, needsRoot } from '../support.ts';
import { ownCgroup, tryConnect } from './cgroup-support.ts';

const DENY = 0;
const ALLOW = 1;

test('a program decides about connections from a cgroup', needsRoot(), async (t) => {
  using cgroup = ownCgroup(t);
  if (cgroup === undefined) return;
  using denies = counter('cgroup_sock_addr', { attachType: 'cgroup_inet4_connect', result: DENY });
  assert.equal(await tryConnect(cgroup.path), 'connected');
  using link = attachCgroup(denies.program, { cgroup: cgroup.path });
  assert.equal(await tryConnect(cgroup.path), 'EPERM');
  assert.equal(denies.count(), 1);
  const info = link.info();
  assert.ok(info.type === 'cgroup');
  assert.deepEqual(
    [info.cgroupId, info.attachType],
    [statSync(cgroup.path, { bigint: true }).ino, 'cgroup_inet4_connect'],
  );
  using allows = counter('cgroup_sock_addr', { attachType: 'cgroup_inet4_connect', result: ALLOW });
  link.update(allows.program, { expected: denies.program });
  assert.equal(await tryConnect(cgroup.path), 'connected');
  assert.deepEqual([denies.count(), allows.count()], [1, 1]);
  link.detach();
  assert.equal(await tryConnect(cgroup.path), 'connected');
  assert.equal(allows.count(), 1);
});

test('what cannot be attached to a cgroup says why', needsRoot(), (t) => {
  using cgroup = ownCgroup(t);
  if (cgroup === undefined) return;
  using egress = counter('cgroup_skb', { attachType: 'cgroup_inet_egress', result: ALLOW });
  using connect = counter('cgroup_sock_addr', { attachType: 'cgroup_inet4_connect', result: ALLOW });
  using any = counter('cgroup_skb', { result: ALLOW });
  const { path } = cgroup;
  using _link = attachCgroup(any.program, { cgroup: path, attachType: 'cgroup_inet_ingress' });
  assert.throws(() => attachCgroup(any.program, { cgroup: path }), /has no attach type: give attachType/);
  assert.throws(() => attachCgroup(egress.program, { cgroup: `${path}/nothing` }), {
    code: 'ENOENT',
    message: /to cgroup_inet_egress of cgroup .*\/nothing: ENOENT: the folder of the cgroup cannot be opened/,
  });
  assert.throws(() => attachCgroup(egress.program, { cgroup: '/tmp' }), {
    code: 'EBADF',
    message: /not a folder of a cgroup version 2 hierarchy/,
  });
  assert.throws(() => attachCgroup(connect.program, { cgroup: path, attachType: 'cgroup_inet6_connect' }), {
    code: 'EINVAL',
    message: /loaded for cgroup_inet4_connect cannot be attached to cgroup_inet6_connect/,
  });
  using xdp = counter('xdp');
  assert.throws(() => attachCgroup(xdp.program, { cgroup: path }), TypeError);
});
