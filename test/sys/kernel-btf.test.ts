// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kernelBtf, kernelBtfBytes, VMLINUX_BTF } from '../../src/sys/index.ts';

const skip = existsSync(VMLINUX_BTF) ? false : `the kernel has no ${VMLINUX_BTF}`;

test('the bytes of kernel BTF are those of its file, however they come', { skip }, () => {
  assert.ok(Buffer.from(kernelBtfBytes()).equals(readFileSync(VMLINUX_BTF)));
});

test('kernel BTF is indexed once', { skip }, () => {
  const types = kernelBtf();
  assert.equal(kernelBtf(), types);
  assert.equal(types.byName('task_struct', 'struct')?.kind, 'struct');
});
