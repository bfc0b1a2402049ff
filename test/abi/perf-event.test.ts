import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodePerfEventAttr } from '../../src/abi/index.ts';
import { HOST_LITTLE_ENDIAN } from '../../src/bytes/index.ts';

const read = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);

test('what a perf event is opened with lies where perf_event_open(2) reads it', () => {
  const path = new Uint8Array(4);
  const view = read(
    encodePerfEventAttr(
      { type: 6, config: 1n << 63n, config1: path, config2: 64, sample_freq: 99, freq: 1, watermark: 1 },
      (bytes) => (bytes === path ? 0x1234 : 0),
    ),
  );
  const u64 = (at: number): bigint => view.getBigUint64(at, HOST_LITTLE_ENDIAN);
  assert.equal(view.getUint32(0, HOST_LITTLE_ENDIAN), 6);
  assert.equal(view.getUint32(4, HOST_LITTLE_ENDIAN), view.byteLength);
  assert.deepEqual([u64(8), u64(16), u64(56), u64(64)], [1n << 63n, 99n, 0x1234n, 64n]);
  if (HOST_LITTLE_ENDIAN) assert.equal(u64(40), (1n << 10n) | (1n << 14n));
});

test('bits of a structure within the structure are counted from its start', () => {
  const view = read(encodePerfEventAttr({ aux_pause: 1 }, () => 0));
  if (HOST_LITTLE_ENDIAN) assert.equal(view.getUint32(116, true), 2);
});
