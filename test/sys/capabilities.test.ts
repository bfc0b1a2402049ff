// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capabilities } from '../../src/abi/index.ts';
import {
  capabilitiesOf,
  capabilityMask,
  getCapabilities,
  readCapabilities,
  setCapabilities,
} from '../../src/sys/index.ts';

test('names and masks convert both ways', () => {
  for (const [name, bit] of capabilities) {
    assert.equal(capabilityMask([name]), 1n << BigInt(bit));
    assert.deepEqual(capabilitiesOf(1n << BigInt(bit)), [name]);
  }
  assert.equal(capabilityMask(['bpf']), 1n << 39n);
  assert.deepEqual(capabilitiesOf(1n << 63n), ['cap_63']);
});

test('capget agrees with /proc', () => {
  const { effective, permitted, inheritable } = readCapabilities();
  assert.deepEqual(getCapabilities(), { effective, permitted, inheritable });
});

test('capset changes the calling thread, and cannot grow the permitted set', (t) => {
  const before = getCapabilities();
  if (before.effective === 0n) return t.skip('this process has no capabilities to give up');
  t.after(() => setCapabilities(before));
  setCapabilities({ ...before, effective: 0n });
  assert.equal(readCapabilities().effective, 0n);
  assert.throws(() => setCapabilities({ ...before, permitted: 1n << 62n }), {
    code: 'EPERM',
    syscall: 'capset',
  });
});
