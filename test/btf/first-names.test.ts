import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtfBuilder, BtfTypes } from '../../src/btf/index.ts';

/** Names as long as the bytes that tell names apart, and shorter and longer ones. Some are the beginning of others. */
const NAMES = ['abcd', 'a', 'ab', 'abc', 'abcde', 'abd', 'abcd___x', 'b', 'ä', 'zz'];

function encoded(names: readonly string[], littleEndian: boolean): Uint8Array {
  const builder = new BtfBuilder();
  for (const name of names) builder.struct(name, 4, []);
  return builder.encode({ littleEndian });
}

test('the first name that types are asked for is found, however short it is and wherever it stands', () => {
  for (const littleEndian of [true, false]) {
    // The last name ends where the string section ends.
    for (const names of [NAMES, NAMES.toReversed()]) {
      const bytes = encoded(names, littleEndian);
      for (const [index, name] of names.entries()) {
        const types = BtfTypes.parse(bytes);
        assert.deepEqual(types.ownIdsByName(name, 'type'), [index + 1], name);
        assert.deepEqual(types.ownIdsByName(`${name}_`, 'type'), [], name);
        assert.deepEqual(types.ownIdsByName(name), [index + 1], name);
      }
    }
  }
});

test('the types whose names begin alike are found in ascending order', () => {
  const types = BtfTypes.parse(encoded(NAMES, true));
  assert.deepEqual(types.ownIdsBeginningWith('abcd'), [1, 5, 7]);
  assert.deepEqual(types.ownIdsBeginningWith('abcd___'), [7]);
  assert.deepEqual(types.ownIdsBeginningWith('abcdef'), []);
});
