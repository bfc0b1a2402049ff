import assert from 'node:assert/strict';
import { codecOf } from '../../../src/btf/index.ts';
import { forEachKernel } from '../../judge/kernel-btf.ts';

forEachKernel('every struct, union and enum of a kernel has a codec, and zero survives it', (types) => {
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
