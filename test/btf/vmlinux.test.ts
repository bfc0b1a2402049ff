import assert from 'node:assert/strict';
import type { BtfMember } from '../../src/btf/index.ts';
import { forEachKernel } from '../judge/kernel-btf.ts';

forEachKernel("a kernel's types are found by name, and hang together", (types) => {
  assert.ok(types.count > 10_000);

  const attr = types.byName('bpf_attr', 'union');
  assert.ok(attr !== undefined);
  assert.equal(types.byId(attr.id), attr);
  assert.equal(types.nameOf(attr.id), 'bpf_attr');
  assert.equal(types.kindOf(attr.id), 'union');
  assert.equal(types.sizeOf(attr.id), attr.size);

  const task = types.byName('task_struct', 'struct');
  const comm = task?.members.find((member: BtfMember) => member.name === 'comm');
  assert.ok(comm !== undefined);
  assert.equal(types.sizeOf(comm.type), 16);
  const u64 = types.byName('__u64', 'typedef');
  assert.ok(u64 !== undefined);
  assert.equal(types.resolve(u64.id).kind, 'int');
  assert.equal(types.sizeOf(u64.id), 8);
  assert.equal(types.byName('no such type, surely'), undefined);
  assert.equal(types.byName('bpf_attr', 'int'), undefined);
  assert.deepEqual(types.allByName(''), []);
});

forEachKernel('every type of a kernel is readable, and the name index knows each name', (types) => {
  const byName = new Map<string, number[]>();
  for (const { id, name } of types) {
    types.resolve(id);
    if (name !== '') byName.set(name, [...(byName.get(name) ?? []), id]);
  }
  for (const [name, ids] of byName) assert.deepEqual([...types.idsByName(name)], ids);
});
