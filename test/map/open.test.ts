// depends on: runtime
import assert from 'node:assert/strict';
import { existsSync, unlinkSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import * as asm from '../../src/asm/index.ts';
import { struct, u8, u32, u64 } from '../../src/bytes/codec/index.ts';
import { BpfError } from '../../src/errors/index.ts';
import { BpfMap, type MapOptions } from '../../src/map/index.ts';
import { Program } from '../../src/program/index.ts';
import { type Fd, fsconfigCreate, fsmount, fsopen, openDescriptors } from '../../src/sys/index.ts';
import { needsMaps } from './needs.ts';

const options: MapOptions<'hash', number, bigint> = {
  type: 'hash',
  key: u32,
  value: u64,
  maxEntries: 4,
  name: 'shared',
};

/** The path of a bpffs that is mounted nowhere, and that goes away with its descriptor. */
function bpffs(t: TestContext): string | undefined {
  try {
    using context = fsopen('bpf');
    fsconfigCreate(context);
    const mount = fsmount(context);
    t.after(() => mount.close());
    return `/proc/self/fd/${mount.value}`;
  } catch (error) {
    t.skip(`no bpffs can be made here: ${String(error)}`);
    return undefined;
  }
}

test('a map is found by its id', needsMaps(), () => {
  using map = BpfMap.create(options);
  map.set(1, 5n);
  const { id } = map.info();
  using same = BpfMap.fromId(id, { type: 'hash', key: u32, value: u64 });
  assert.equal(same.get(1), 5n);
  assert.equal(same.name, 'shared');
  assert.equal(same.maxEntries, 4);
  same.set(2, 6n);
  assert.equal(map.get(2), 6n);
  using plain = BpfMap.fromId(id, { type: 'hash' });
  const found: Uint8Array | undefined = plain.get(Uint8Array.from(new Uint8Array(Uint32Array.of(1).buffer)));
  assert.deepEqual(found, new Uint8Array(BigUint64Array.of(5n).buffer));
});

test('a map is found where it is pinned', needsMaps(), (t) => {
  const folder = bpffs(t);
  if (folder === undefined) return;
  const path = `${folder}/shared`;
  {
    using map = BpfMap.create(options);
    map.set(1, 5n);
    map.pin(path);
    assert.throws(() => map.pin(path), { code: 'EEXIST', message: new RegExp(`at ${path}: EEXIST`) });
  }
  assert.ok(existsSync(path));
  using map = BpfMap.fromPinned(path, { type: 'hash', key: u32, value: u64 });
  assert.equal(map.get(1), 5n);
  unlinkSync(path);
  assert.throws(() => BpfMap.fromPinned(path), { code: 'ENOENT' });
});

test('unpin removes a pin of this map, and no other', needsMaps(), (t) => {
  const folder = bpffs(t);
  if (folder === undefined) return;
  using map = BpfMap.create(options);
  using other = BpfMap.create(options);
  using program = Program.loadSync({
    type: 'socket_filter',
    instructions: [asm.mov(asm.r0, 0), asm.exit()],
  });
  map.pin(`${folder}/map`);
  map.pin(`${folder}/again`);
  other.pin(`${folder}/other`);
  program.pin(`${folder}/program`);
  map.unpin(`${folder}/map`);
  assert.equal(existsSync(`${folder}/map`), false);
  assert.ok(existsSync(`${folder}/again`), 'its other pin stays');
  const before = openDescriptors().length;
  assert.throws(() => map.unpin(`${folder}/map`), {
    code: 'ENOENT',
    message: /^Cannot unpin .* is pinned there/,
  });
  assert.throws(() => map.unpin(`${folder}/other`), {
    code: 'ERR_BPF_WRONG_OBJECT',
    message: `Cannot unpin ${map.fd.what}: what is pinned at ${folder}/other is another map`,
  });
  assert.throws(() => map.unpin(`${folder}/program`), {
    code: 'ERR_BPF_WRONG_OBJECT',
    message: /a program$/,
  });
  assert.throws(() => map.unpin('/proc/self/status'), { code: 'EACCES', message: /not in a bpffs/ });
  assert.throws(() => map.unpin('a\0b'), TypeError);
  assert.equal(openDescriptors().length, before);
  assert.ok(existsSync(`${folder}/other`));
  // A map that is opened only for reading is recognised too.
  using reader = BpfMap.fromPinned(`${folder}/again`, { access: 'read' });
  reader.unpin(`${folder}/again`);
  assert.equal(existsSync(`${folder}/again`), false);
});

test('a descriptor may be opened for one direction', needsMaps(), (t) => {
  const folder = bpffs(t);
  if (folder === undefined) return;
  using map = BpfMap.create(options);
  map.pin(`${folder}/a`);
  using reader = BpfMap.fromPinned(`${folder}/a`, { type: 'hash', key: u32, value: u64, access: 'read' });
  assert.equal(reader.get(1), undefined);
  assert.throws(() => reader.set(1, 1n), { code: 'EPERM', message: /frozen, or was opened read-only/ });
  using writer = BpfMap.fromId(map.info().id, { type: 'hash', key: u32, value: u64, access: 'write' });
  writer.set(1, 1n);
  assert.throws(() => writer.get(1), { code: 'EPERM' });
  assert.equal(reader.get(1), 1n);
});

test('codecs and type have to fit the map; nothing stays open when they do not', needsMaps(), () => {
  using map = BpfMap.create(options);
  const { id } = map.info();
  const before = openDescriptors().length;
  const wrong: readonly (readonly [object, string])[] = [
    [{ key: u64 }, 'keys of map "shared" (hash) have 4 bytes, but u64 has 8'],
    [{ value: struct({ a: u8 }) }, 'values of map "shared" (hash) have 8 bytes, but struct { a } has 1'],
    [{ type: 'lru_hash' }, 'map "shared" (hash) is not of type lru_hash'],
  ];
  for (const [open, message] of wrong)
    assert.throws(() => BpfMap.fromId(id, open), { name: 'TypeError', message });
  using perCpu = BpfMap.create({ type: 'percpu_array', key: u32, value: u64, maxEntries: 1 });
  assert.throws(() => BpfMap.fromId(perCpu.info().id, { key: u32, value: u64 }), {
    name: 'TypeError',
    message: /has a value for each CPU: give type: "percpu_array"/,
  });
  assert.equal(openDescriptors().length, before + 1);
});

test('what is no map is refused', needsMaps(), () => {
  const program = Program.loadSync({
    type: 'socket_filter',
    instructions: [asm.mov(asm.r0, 0), asm.exit()],
  });
  assert.throws(() => BpfMap.fromFd(program.fd), {
    code: 'ERR_BPF_WRONG_OBJECT',
    message: /as a map: it is a program/,
  });
  assert.equal(program.closed, true);
  assert.throws(() => BpfMap.fromId(0xfffffff), {
    code: 'ENOENT',
    message: 'Cannot open map 268435455: ENOENT: no map has this id',
  });
  assert.throws(() => BpfMap.fromId('1' as never), TypeError);
  assert.throws(() => BpfMap.fromId(1, { acess: 'read' } as object), {
    name: 'TypeError',
    message: /acess.*access/,
  });
  assert.throws(() => BpfMap.fromFd(program.fd, { access: 'read' } as object), {
    name: 'TypeError',
    message: 'BpfMap.fromFd: unknown option "access"',
  });
  assert.throws(() => BpfMap.fromId(1, { access: 'raed' as 'read' }), {
    name: 'TypeError',
    message: 'BpfMap.fromId: access must be "read", "write" or "both", got "raed" (did you mean "read"?)',
  });
  assert.throws(
    () => BpfMap.fromPinned('/dev/null'),
    (error) => BpfError.is(error) && error.errno !== undefined,
  );
  assert.throws(() => BpfMap.fromPinned('a\0b'), TypeError);
});

test('programs go into a program array as descriptors and come out as ids', needsMaps(), async () => {
  const { reference } = await import('../../src/map/index.ts');
  using program = Program.loadSync({
    type: 'socket_filter',
    instructions: [asm.mov(asm.r0, 0), asm.exit()],
  });
  using map = BpfMap.create({ type: 'prog_array', key: u32, value: reference, maxEntries: 4 });
  map.set(1, program);
  assert.deepEqual(map.get(1), { id: program.info().id });
  assert.equal(map.get(0), undefined);
  assert.deepEqual([...map], [[1, { id: program.info().id }]]);
  assert.equal(map.delete(1), true);
  assert.throws(() => map.set(1, { id: 5 }), {
    name: 'TypeError',
    message: /an object with an open descriptor/,
  });
  assert.throws(() => map.set(1, { fd: null as never }), {
    name: 'TypeError',
    message: /an object with an open descriptor/,
  });
  using fd: Fd = program.fd.duplicate();
  map.set(2, { fd });
  map.set(3, { fd: fd.value });
  assert.deepEqual([...map.keys()].length >= 2, true);
});
