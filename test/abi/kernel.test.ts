/** Compares the generated numbers with the BTF of kernels, and preprocessor constants with the machine's header. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import type { BtfTypes } from '../../src/btf/index.ts';
import { ENUMS, FLAGS, HELPER_FLAGS } from '../../tools/abi/enum-list.ts';
import { forEachKernel } from '../judge/kernel-btf.ts';

/** Every enum value of a kernel, by its name. */
function enumValues(types: BtfTypes): Map<string, number> {
  const found = new Map<string, number>();
  for (const type of types) {
    if (type.kind !== 'enum' && type.kind !== 'enum64') continue;
    for (const { name, value } of type.values) found.set(name, Number(value));
  }
  return found;
}

forEachKernel('every value a kernel has is the one in the tables', (types) => {
  const values = enumValues(types);
  let compared = 0;
  for (const { constant, prefix } of ENUMS) {
    const table = (abi as unknown as Record<string, abi.NameTable<string>>)[constant];
    assert.ok(table !== undefined, constant);
    for (const name of table.names) {
      const value = values.get(prefix + name.toUpperCase()) ?? values.get(prefix + name);
      if (value === undefined) continue; // newer than this kernel
      assert.equal(table.number(name), value, prefix + name);
      compared++;
    }
  }
  assert.ok(compared > 350, `only ${compared} names were found`);
});

forEachKernel('every flag a kernel has is the one in the objects', (types) => {
  const values = enumValues(types);
  let compared = 0;
  for (const { constant, prefixes } of [...FLAGS, ...HELPER_FLAGS]) {
    const flags = (abi as unknown as Record<string, Record<string, number>>)[constant];
    assert.ok(flags !== undefined, constant);
    for (const [name, number] of Object.entries(flags)) {
      const full = prefixes.map((prefix) => prefix + name.toUpperCase()).find((text) => values.has(text));
      if (full === undefined) continue;
      assert.equal(number, values.get(full), full);
      compared++;
    }
  }
  assert.ok(compared > 70, `only ${compared} flags were found`);
});

forEachKernel('the attribute offsets are those of the kernel', (types) => {
  const union = types.byName('bpf_attr', 'union');
  assert.ok(union !== undefined && union.size <= abi.ATTR_MAX_SIZE);
  const offsets = new Map<string, number>();
  for (const part of union.members) {
    const type = types.resolve(part.type);
    if (!('members' in type)) continue;
    for (const { name, bitOffset } of type.members) offsets.set(`${part.name}.${name}`, bitOffset / 8);
  }
  const view = new DataView(new ArrayBuffer(abi.ATTR_MAX_SIZE));
  const end = <C extends keyof abi.CommandAttrs>(command: C, attr: abi.CommandAttrs[C]): number =>
    abi.encodeAttr(command, attr, view, () => 0);
  assert.equal(end('map_create', { map_extra: 1 }), (offsets.get('.map_extra') ?? 0) + 8);
  assert.equal(end('prog_load', { fd_array: 1 }), (offsets.get('.fd_array') ?? 0) + 8);
  assert.equal(end('btf_load', { btf_log_level: 1 }), (offsets.get('.btf_log_level') ?? 0) + 4);
  assert.equal(end('map_lookup_batch', { flags: 1 }), (offsets.get('batch.flags') ?? 0) + 8);
  assert.equal(end('prog_test_run', { ctx_out: 1 }), (offsets.get('test.ctx_out') ?? 0) + 8);
});

test('the flags of XDP links are those of the installed header', (t) => {
  const header = '/usr/include/linux/if_link.h';
  if (!existsSync(header)) {
    t.skip(`${header} is not installed (package linux-libc-dev)`);
    return;
  }
  const text = readFileSync(header, 'utf8');
  const defined = [...text.matchAll(/#define\s+XDP_FLAGS_(\w+)\s+\(1U << (\d+)\)/g)];
  assert.deepEqual(
    Object.fromEntries(defined.map(([, name = '', shift]) => [name.toLowerCase(), 2 ** Number(shift)])),
    abi.xdpFlags,
  );
});

test('the preprocessor constants are those of the installed header', (t) => {
  const header = '/usr/include/linux/bpf.h';
  if (!existsSync(header)) {
    t.skip(`${header} is not installed (package linux-libc-dev)`);
    return;
  }
  const text = readFileSync(header, 'utf8');
  const defined = new Map<string, number>();
  for (const [, name = '', shift = ''] of text.matchAll(/#define\s+BPF_F_(\w+)\s+\(1U << (\d+)\)/g)) {
    defined.set(name.toLowerCase(), 2 ** Number(shift));
  }
  const groups: readonly [Record<string, number>, string][] = [
    [abi.progLoadFlags, ''],
    [abi.progAttachFlags, ''],
    [abi.progQueryFlags, 'query_'],
    [abi.progTestRunFlags, 'test_'],
    [abi.netfilterLinkFlags, 'netfilter_'],
  ];
  let compared = 0;
  for (const [flags, prefix] of groups) {
    for (const [name, number] of Object.entries(flags)) {
      const value = defined.get(prefix + name);
      if (value === undefined || (prefix === '' && name === 'link')) continue; // newer, or a map's flag of that name
      assert.equal(number, value, prefix + name);
      compared++;
    }
  }
  assert.ok(compared >= 10, `only ${compared} constants were found`);
});
