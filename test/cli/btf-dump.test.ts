import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { BtfBuilder } from '../../src/btf/index.ts';
import { Btf } from '../../src/btf-object/index.ts';
import { runWith, unpackedDebian } from '../../tools/debian.ts';
import { fixture } from '../collection/fixture.ts';
import { ebpfTs } from './run.ts';

const object = fixture('values.el.clang19.o');

test('btf dump prints the types of an object file', async () => {
  const plain = await ebpfTs(['btf', 'dump', object]);
  assert.deepEqual([plain.stderr, plain.status], ['', 0]);
  assert.match(plain.stdout, /^\[1\] struct "numbers" size=96 members=15\n\t"a" type=2 bitOffset=0\n/);
  assert.match(plain.stdout, /\t"three" type=\d+ bitOffset=1 bitSize=3\n/);

  const json = await ebpfTs(['btf', 'dump', object, '--json']);
  const { types } = JSON.parse(json.stdout) as { types: { id: number; name: string; values?: unknown[] }[] };
  assert.deepEqual(
    types.map(({ id }) => id),
    types.map((_, i) => i + 1),
  );
  assert.deepEqual(types.find(({ name }) => name === 'huge')?.values, [
    { name: 'HUGE_SMALL', value: 1 },
    { name: 'HUGE_LARGE', value: '1311768467463790320' },
  ]);

  const c = await ebpfTs(['btf', 'dump', '--c', object]);
  assert.match(c.stdout, /^#ifndef __VMLINUX_H__\n/);
  assert.match(c.stdout, /\nstruct pair \{\n\t__u8 first;\n\t__u32 second;\n\};\n/);
});

test('btf dump --c of the running kernel is a header that clang takes', async (t) => {
  const clang = unpackedDebian({ suite: 'trixie', packages: ['clang-19', 'llvm-19'] });
  if (clang === undefined || !existsSync('/sys/kernel/btf/vmlinux')) {
    t.skip(clang === undefined ? 'no clang 19 in the cache' : 'the kernel has no BTF');
    return;
  }
  const { stdout, status } = await ebpfTs(['btf', 'dump', '--c']);
  assert.equal(status, 0);
  const source = `${stdout}\nint pid(struct task_struct *task) { return task->pid; }\n`;
  const flags = ['-target', 'bpf', '-Wall', '-Werror', '-nostdinc', '-fsyntax-only', '-x', 'c', '-'];
  const [program, ...args] = runWith(clang, 'usr/lib/llvm-19/bin/clang', flags);
  const ended = spawnSync(program, args, { input: source, encoding: 'utf8' });
  assert.deepEqual([ended.stderr, ended.status], ['', 0]);
});

test('btf dump prints loaded BTF by its id', async (t) => {
  if (process.getuid?.() !== 0) {
    t.skip('needs root');
    return;
  }
  const builder = new BtfBuilder();
  builder.int('unsigned int', 4);
  using btf = Btf.load(builder);
  const { stdout, stderr } = await ebpfTs(['btf', 'dump', String(btf.info().id)]);
  assert.deepEqual(
    [stdout, stderr],
    ['[1] int "unsigned int" size=4 encoding=unsigned bits=32 bitOffset=0\n', ''],
  );
});

test('btf dump says why it has nothing to print', async () => {
  const missing = await ebpfTs(['btf', 'dump', './missing']);
  assert.deepEqual(
    [missing.status, missing.stderr],
    [1, 'error: Cannot read BTF ./missing: ENOENT: there is no such file\n'],
  );
  const nothing = await ebpfTs(['btf', 'dump', 'no_such_module']);
  assert.deepEqual(
    [nothing.status, nothing.stderr],
    [
      1,
      'error: Cannot read BTF no_such_module: ENOENT: there is no such file, and no module of this name in /sys/kernel/btf\n',
    ],
  );
  const other = await ebpfTs(['btf', 'dump', process.execPath]);
  assert.equal(other.status, 1);
  assert.match(other.stderr, /^error: Cannot read BTF .*: it has no section \.BTF\n$/);
});
