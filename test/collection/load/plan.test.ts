import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CollectionSpec } from '../../../src/collection/index.ts';
import { planLoad } from '../../../src/collection/load/plan.ts';
import { type NativeBinding, native, withBinding } from '../../../src/sys/index.ts';
import { fixture } from '../fixture.ts';

const spec = (): CollectionSpec => CollectionSpec.loadSync(fixture('variables.el.clang19.o'));

test('a plan has all programs but the optional ones, which come when they are asked for', () => {
  const names = (programs?: 'all' | string[]): string[] =>
    planLoad(spec(), { programs }).programs.map(({ program }) => program.name);
  assert.deepEqual(names(), ['main_program', 'looping']);
  assert.deepEqual(names(['optional']).sort(), ['looping', 'main_program', 'optional']);
  assert.deepEqual(names('all').sort(), ['looping', 'main_program', 'optional']);
});

test('first values are those of the object with the given ones put in, and the object keeps its own', () => {
  const object = spec();
  const before = object.maps['.data']?.contents?.slice();
  const { firstValues } = planLoad(object, { variables: { start: 7 } });
  assert.ok(firstValues.has('.rodata'));
  assert.ok(!firstValues.has('.bss'), 'the kernel fills new maps with zeros');
  assert.notDeepEqual(firstValues.get('.data'), before);
  assert.deepEqual(object.maps['.data']?.contents, before);
});

test('making a plan asks the kernel nothing', () => {
  const refuse = (): never => assert.fail('a call of the kernel');
  const forbidden: NativeBinding = { ...native(), bpf: refuse, bpfAsync: refuse, syscall: refuse };
  withBinding(forbidden, () => planLoad(spec(), {}));
});
