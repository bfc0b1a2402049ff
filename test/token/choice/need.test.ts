import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attachTypes, programTypes } from '../../../src/abi/index.ts';
import { programNeed } from '../../../src/token/choice/index.ts';

test('attach type 0 is a permission like any other, and is rewritten where the kernel does so', () => {
  const attach = (type: 'cgroup_sock' | 'sk_reuseport' | 'xdp', expected: number): string | undefined =>
    attachTypes.name(
      programNeed({ prog_type: programTypes.number(type), expected_attach_type: expected }).bits.attachs ??
        -1,
    );
  assert.equal(attach('xdp', 0), 'cgroup_inet_ingress');
  assert.equal(attach('xdp', attachTypes.number('xdp')), 'xdp');
  assert.equal(attach('cgroup_sock', 0), 'cgroup_inet_sock_create');
  assert.equal(attach('cgroup_sock', attachTypes.number('cgroup_inet4_post_bind')), 'cgroup_inet4_post_bind');
  assert.equal(attach('sk_reuseport', 0), 'sk_reuseport_select');
});
