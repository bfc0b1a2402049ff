import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { codecOf } from '../../../src/btf/index.ts';
import { CollectionSpec } from '../../../src/collection/index.ts';
import { fixture, fixtures } from '../../collection/fixture.ts';

/** The values that test/fixtures/values.c gives its variables. */
function expected(littleEndian: boolean, firstClang: boolean): Record<string, unknown> {
  return {
    numbers: {
      ...{ a: 0xfe, b: -2, c: 0xfedc, d: -300, e: 0xfedcba98, f: -70000 },
      ...{ g: 0xfedcba9876543210n, h: -5000000000n },
      ...{ i: 0xfedcba98765432100123456789abcdefn, j: -3n, k: 1.5, l: -0.1 },
      ...{ m: true, n: 'x'.charCodeAt(0), o: 0xffff800012345678n },
    },
    arrays: {
      flat: [1, 2, 65535],
      grid: [
        [1, 2, 3],
        [4, 5, 255],
      ],
      text: 'héllo',
      full: 'full',
      lines: ['one', 'two'],
      pairs: [
        { first: 1, second: 0x10000 },
        { first: 2, second: 0x20000 },
      ],
      modes: ['PLAIN_ONE', 'PLAIN_MANY', 77],
      none: [],
    },
    bits: {
      ...{ one: 1, three: -3, many: 0x1abcd, yes: true, mode: 'PLAIN_ONE' },
      // The older compiler writes all values as unsigned, so the name has another number.
      sign: firstClang ? 11 : 'NEGATIVE_BELOW',
      ...{ after: 0xa5, low: 21n, wide: 0x123456789abn, back: -8000n, last: 300 },
    },
    tight: { a: 1, b: 0x0102030405060708n, c: 100, d: 0x2abcdef1, e: -0x123456789abcn, f: 0xbeef },
    nested: {
      kind: 9,
      word: 0x01020304,
      ...(littleEndian ? { low_half: 0x0304, high_half: 0x0102 } : { low_half: 0x0102, high_half: 0x0304 }),
      bytes: littleEndian ? [4, 3, 2, 1] : [1, 2, 3, 4],
      ...{ x: 8, deep: 0x1122334455667788n, named: { inside: 513 } },
      either: {
        pair: { first: 3, second: 0x30000 },
        whole: littleEndian ? 0x30000_00000003n : 0x03000000_00030000n,
      },
    },
    flexible: { count: 3, items: [] },
    owned: { before: 1, behind: 2n },
    plain: 'PLAIN_MANY',
    negative: 'NEGATIVE_BELOW',
    tiny: 'TINY_B',
    ...(firstClang ? {} : { huge: 'HUGE_LARGE' }),
    counter: 1n << 63n,
    on: true,
  };
}

for (const name of fixtures('values')) {
  const { btf: types, maps, variables } = CollectionSpec.parse(readFileSync(fixture(name)), { file: name });
  assert.ok(types !== undefined);
  const wanted = expected(name.includes('.el.'), name.includes('clang14'));

  test(`${name}: values as the compiler laid them out`, () => {
    assert.deepEqual(Object.keys(variables).sort(), Object.keys(wanted).sort());
    for (const { name: variable, map, offset, size, typeId } of Object.values(variables)) {
      const contents = maps[map]?.contents;
      assert.ok(contents !== undefined);
      const codec = codecOf(types, typeId);
      if (variable !== 'flexible') assert.equal(codec.size, size, variable);
      const view = new DataView(contents.buffer, contents.byteOffset, contents.length);
      assert.deepEqual(codec.decode(view, offset), wanted[variable], variable);
    }
  });

  test(`${name}: encoding gives the compiler's bytes, padding included`, () => {
    for (const { name: variable, map, offset, typeId } of Object.values(variables)) {
      const codec = codecOf(types, typeId);
      const bytes = new Uint8Array(codec.size).fill(0xff);
      // The codec leaves the kernel's part as it is.
      if (variable === 'owned') bytes.fill(0);
      codec.encode(new DataView(bytes.buffer), 0, wanted[variable]);
      assert.deepEqual(
        [...bytes],
        [...(maps[map]?.contents?.subarray(offset, offset + codec.size) ?? [])],
        variable,
      );
    }
  });
}
