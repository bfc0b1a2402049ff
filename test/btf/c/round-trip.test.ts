import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BtfTypes } from '../../../src/btf/index.ts';
import { ElfFile } from '../../../src/elf/index.ts';
import { fixture, fixtures } from '../../collection/fixture.ts';
import { kernelBtfs } from '../../judge/kernel-btf.ts';
import { assertLayouts, hasBits, noClang, roundTrip } from './compile.ts';

test("kernels' types, printed as C and compiled, have the same sizes and offsets", async (t) => {
  if (noClang !== undefined) {
    t.skip(noClang);
    return;
  }
  for (const { name, file, missing } of await kernelBtfs()) {
    await t.test(`Linux ${name}`, (t) => {
      if (file === undefined) return t.skip(missing);
      const types = BtfTypes.parse(readFileSync(file));
      assert.ok(assertLayouts(types) > 10_000);
      // Only some types: the compiler takes minutes to write BTF for all of them.
      let some = 0;
      const { before, after } = roundTrip(
        types,
        (type) => hasBits(types, type) && type.size < 512 && some++ < 100,
      );
      assert.equal(Object.keys(before).length, 100);
      assert.deepEqual(after, before);
    });
  }
});

test("fixtures' types, printed as C and compiled, have the same sizes and offsets", async (t) => {
  if (noClang !== undefined) {
    t.skip(noClang);
    return;
  }
  for (const name of fixtures()) {
    await t.test(name, () => {
      const data = ElfFile.parse(readFileSync(fixture(name))).section('.BTF')?.data;
      if (data === undefined) return;
      const { before, after } = roundTrip(BtfTypes.parse(data));
      assert.deepEqual(after, before);
    });
  }
});
