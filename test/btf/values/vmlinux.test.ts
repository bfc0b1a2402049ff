import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BtfTypes, codecOf } from '../../../src/btf/index.ts';
import { kernelBtfs } from '../../judge/kernel-btf.ts';

test('every struct, union and enum of a kernel has a codec, and zero survives it', async (t) => {
  for (const { name, file, missing } of await kernelBtfs()) {
    await t.test(`Linux ${name}`, (t) => {
      if (file === undefined) return t.skip(missing);
      const types = BtfTypes.parse(readFileSync(file));
      const zero = new DataView(new ArrayBuffer(1 << 16));
      for (const type of types) {
        if (!['struct', 'union', 'enum', 'enum64'].includes(type.kind)) continue;
        const codec = codecOf(types, type.id);
        assert.equal(codec.size, types.sizeOf(type.id), `${type.kind} ${type.name}`);
        if (codec.size > 4096) continue;
        codec.encode(zero, 0, codec.decode(zero, 0));
        for (let i = 0; i < codec.size; i++) assert.equal(zero.getUint8(i), 0);
      }
    });
  }
});
