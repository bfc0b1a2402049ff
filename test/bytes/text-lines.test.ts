import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextLines } from '../../src/bytes/index.ts';

const TEXT = 'first\n\u00e4\u20ac\u{1f41d} \ufeffbee\n\nlast\nno end';
const bytes = new TextEncoder().encode(TEXT);

test('lines are the same wherever the pieces end', () => {
  for (let size = 1; size <= bytes.length; size++) {
    const text = new TextLines();
    const lines: string[] = [];
    for (let at = 0; at < bytes.length; at += size) lines.push(...text.push(bytes.subarray(at, at + size)));
    assert.deepEqual(lines, TEXT.split('\n').slice(0, -1), `pieces of ${size} bytes`);
    assert.deepEqual(text.push(new TextEncoder().encode(' yet\n')), ['no end yet']);
  }
});

test('bytes that are not UTF-8 become replacement characters', () => {
  assert.deepEqual(new TextLines().push(Uint8Array.of(0x61, 0xff, 0x62, 0x0a)), ['a\ufffdb']);
});

test('the memory of a piece may be reused', () => {
  const text = new TextLines();
  const piece = new TextEncoder().encode('\u20ac\n');
  assert.deepEqual(text.push(piece.subarray(0, 2)), []);
  piece.copyWithin(0, 2);
  assert.deepEqual(text.push(piece.subarray(0, 2)), ['\u20ac']);
});
