import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BtfBuilder, BtfTypes } from '../../src/btf/index.ts';
import { asBpftool, findBpftool } from './bpftool.ts';

const bpftool = findBpftool();
const skip = bpftool === undefined ? 'bpftool is not installed' : false;

/** Reads a file with bpftool. Returns its types as JSON objects. */
function dump(file: string, base?: string): object[] {
  const [command = '', ...args] = bpftool ?? [];
  const words = [...args, ...(base === undefined ? [] : ['-B', base]), '-j', 'btf', 'dump', 'file', file];
  const { stdout, stderr, status } = spawnSync(command, words, { encoding: 'utf8', maxBuffer: 1 << 30 });
  assert.equal(status, 0, stderr);
  const { types } = JSON.parse(stdout) as { types: object[] };
  return types;
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ebpf-ts-btf-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

test('bpftool reads what is built as it was meant, in both byte orders', { skip }, (t) => {
  const builder = new BtfBuilder();
  const int = builder.int('int', 4, 'signed');
  builder.int('bool', 1, 'bool');
  const pointer = builder.ptr(builder.modifier('const', int));
  builder.struct('s', 16, [
    { name: 'p', type: pointer },
    { name: 'b', type: int, bitOffset: 64, bitSize: 5 },
    { name: '', type: builder.nextId + 1, offset: 12 },
  ]);
  builder.union('', 4, [{ name: 'a', type: int }]);
  builder.array(int, 7, int);
  builder.enum('e', [
    { name: 'MINUS', value: -5 },
    { name: 'PLUS', value: 5 },
  ]);
  builder.enum64('e64', [{ name: 'WIDE', value: 1n << 40n }]);
  builder.forward('f', 'union');
  const proto = builder.funcProto(int, [{ name: 'x', type: pointer }]);
  builder.declTag('tag', builder.func('fn', proto, 'global'), 0);
  const variable = builder.variable('v', int, 'static');
  builder.dataSection('.data', 4, [{ type: variable, offset: 0, size: 4 }]);
  builder.float('double', 8);
  builder.typedef('t', builder.modifier('volatile', builder.modifier('restrict', pointer)));
  builder.typeTag('user', int);
  for (const littleEndian of [true, false]) {
    const bytes = builder.encode({ littleEndian });
    const file = join(folder(t), 'built.btf');
    writeFileSync(file, bytes);
    assert.deepEqual(dump(file), [...BtfTypes.parse(bytes)].map(asBpftool));
  }
});

test('bpftool reads BTF that continues other BTF as it was meant', { skip }, (t) => {
  const below = new BtfBuilder();
  const int = below.int('int', 4, 'signed');
  below.struct('shared', 4, [{ name: 'a', type: int }]);
  const base = BtfTypes.parse(below.encode());
  const builder = new BtfBuilder({ base });
  builder.typedef('own', builder.ptr(2));
  builder.struct('shared', 8, [{ name: 'a', type: builder.nextId - 1 }]);
  const place = folder(t);
  const [file, baseFile] = [join(place, 'split.btf'), join(place, 'base.btf')];
  writeFileSync(baseFile, below.encode());
  writeFileSync(file, builder.encode());
  const types = BtfTypes.parse(builder.encode(), { base });
  const own = [...types].filter(({ id }) => id > base.count);
  assert.deepEqual(dump(file, baseFile), own.map(asBpftool));
});

test("bpftool sees the same in the running kernel's types", { skip }, (t) => {
  const file = '/sys/kernel/btf/vmlinux';
  if (!existsSync(file)) {
    t.skip('the kernel has no BTF (CONFIG_DEBUG_INFO_BTF)');
    return;
  }
  const types = BtfTypes.parse(new Uint8Array(readFileSync(file)));
  const theirs = dump(file);
  assert.equal(types.count, theirs.length);
  for (const type of types) assert.deepEqual(asBpftool(type), theirs[type.id - 1]);
});
