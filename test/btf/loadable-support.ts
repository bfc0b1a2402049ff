import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { BtfBuilder, BtfTypes } from '../../src/btf/index.ts';
import { CollectionSpec } from '../../src/collection/index.ts';
import { fixture } from '../collection/fixture.ts';

/** The types of a compiled fixture. */
export function typesOf(name: string): BtfTypes {
  return CollectionSpec.parse(readFileSync(fixture(name))).btf ?? assert.fail(`${name} has no BTF`);
}

/** Types of every kind that is unknown to some kernel. */
export function everything(): BtfTypes {
  const btf = new BtfBuilder();
  const int = btf.int('int', 4, 'signed');
  btf.enum('sign', [{ name: 'MINUS', value: -1 }]);
  btf.enum64('wide', [{ name: 'WIDE', value: 1n << 40n }]);
  btf.float('double', 8);
  const pointer = btf.ptr(btf.typeTag('user', int));
  const prototype = btf.funcProto(int, [{ name: 'first', type: pointer }]);
  const fn = btf.func('work', prototype, 'global');
  btf.declTag('mark', fn);
  btf.add({ kind: 'decl_tag', name: 'noinline', type: fn, component: -1, attribute: true });
  const variable = btf.variable('v', int);
  btf.dataSection('?.struct_ops.link', 4, [{ type: variable, offset: 0, size: 4 }]);
  btf.dataSection('.data.own', 4, [{ type: btf.variable('w', int), offset: 0, size: 4 }]);
  return BtfTypes.parse(btf.encode());
}
