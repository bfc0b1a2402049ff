// depends on: kernel
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { commands } from '../../src/abi/index.ts';
import { kernelEnumHas, VMLINUX_BTF } from '../../src/sys/index.ts';

const skip = existsSync(VMLINUX_BTF) ? false : `there is no ${VMLINUX_BTF}`;

test('kernel BTF tells whether an enum has a number', { skip }, () => {
  assert.equal(kernelEnumHas('bpf_cmd', commands.number('map_create')), true);
  assert.equal(kernelEnumHas('bpf_cmd', 0x7fff), false);
  assert.equal(kernelEnumHas('no_enum_has_this_name', 0), undefined);
});
