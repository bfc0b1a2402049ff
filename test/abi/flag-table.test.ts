import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { flagBits } from '../../src/abi/index.ts';
import * as names from '../../src/names/index.ts';

const { mapCreateFlags, mapUpdateFlags, perfEventFlags, progLoadFlags } = names;
const tables = Object.values(names).filter(
  (table): table is typeof table & names.FlagTable<string> => 'bits' in table,
);

test('names and bits convert both ways, and bits without a name stay', () => {
  assert.ok(tables.length >= 30);
  fc.assert(
    fc.property(fc.constantFrom(...tables), fc.maxSafeNat(), (table, bits) => {
      assert.equal(table.bits(table.flags(bits)), bits);
    }),
  );
  assert.deepEqual(mapCreateFlags.flags(1152), ['rdonly_prog', 'mmapable']);
  assert.equal(mapCreateFlags.bits(['mmapable', 'rdonly_prog', 2 ** 40]), 1152 + 2 ** 40);
  assert.deepEqual(mapCreateFlags.flags(2 ** 31 + 1), ['no_prealloc', 2 ** 31]);
  assert.deepEqual(mapUpdateFlags.flags(0), []);
  assert.deepEqual(perfEventFlags.flags(0xffff_ffff), [0xffff_ffff]);
});

test('flags are names like all others', () => {
  for (const table of tables) {
    for (const [name, number] of table) {
      assert.equal(table.number(name), number);
      assert.equal(table.parse(name.toUpperCase()), name);
      assert.ok(number < table.max, `${table.what} ${name}`);
    }
    assert.equal(table.name(table.max), undefined);
  }
  assert.equal(progLoadFlags.parse('BPF_F_SLEEPABLE'), 'sleepable');
  assert.equal(mapUpdateFlags.parse('BPF_NOEXIST'), 'noexist');
  assert.equal(mapUpdateFlags.parse('BPF_F_LOCK'), 'lock');
  assert.throws(() => mapCreateFlags.bits(['mmapabel' as 'mmapable']), {
    name: 'TypeError',
    message: 'Unknown map create flag "mmapabel" (did you mean "mmapable"?)',
  });
  assert.throws(() => mapCreateFlags.flags(-1), RangeError);
  assert.throws(() => mapCreateFlags.bits('mmapable' as never), TypeError);
});

test('an option takes names, numbers and bits, within 32 bits', () => {
  assert.equal(flagBits('x: flags', progLoadFlags, undefined), undefined);
  assert.equal(flagBits('x: flags', progLoadFlags, 16), 16);
  assert.equal(flagBits('x: flags', progLoadFlags, ['sleepable', 1]), 17);
  assert.throws(() => flagBits('x: flags', progLoadFlags, [2 ** 32]), /^RangeError: x: flags must be/);
  assert.throws(() => flagBits('x: flags', progLoadFlags, 'sleepable' as never), /^TypeError: x: flags/);
});
