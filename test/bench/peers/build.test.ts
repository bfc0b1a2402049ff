import assert from 'node:assert/strict';
import { test } from 'node:test';
import { packageVersion } from '../../../bench/peers/build.ts';

test('versions come from the names of the unpacked package files', () => {
  const list = [
    'golang-1.27-go_1.27.3-1_amd64.deb',
    'golang-github-cilium-ebpf-dev_0.22.0+ds1-1_all.deb',
    'libbpf-dev_1%3a1.7.0-1_amd64.deb',
    'libbpf1_1%3a1.7.0-1_amd64.deb',
  ].join('\n');
  assert.equal(packageVersion(list, /^libbpf1$/), '1.7.0');
  assert.equal(packageVersion(list, /cilium-ebpf/), '0.22.0');
  assert.equal(packageVersion(list, /^golang-\d.*-go$/), '1.27.3');
  assert.equal(packageVersion(list, /^nothing$/), '');
});
