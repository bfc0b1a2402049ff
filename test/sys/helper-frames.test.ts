// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { frameFields, HelperFrames, numberField } from '../../src/sys/helper-frames.ts';

const protocol = { code: 'ERR_BPF_HELPER' };

function frame(...fields: string[]): Buffer {
  const body = Buffer.from(fields.join('\0'), 'latin1');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

const texts = (frames: Iterable<Buffer>): string[] => Array.from(frames, (each) => each.toString('latin1'));

test('frames are put together from parts of any length', () => {
  const bytes = Buffer.concat([frame('a', 'b c', 'd\ne'), frame(), frame('', '')]);
  for (let size = 1; size <= bytes.length; size++) {
    const frames = new HelperFrames();
    const found: string[] = [];
    for (let at = 0; at < bytes.length; at += size) {
      found.push(...texts(frames.push(bytes.subarray(at, at + size))));
    }
    assert.deepEqual(found, ['a\0b c\0d\ne', '', '\0'], `in parts of ${size}`);
  }
});

test('a frame that is too long is refused before it is there', () => {
  const bytes = Buffer.from([1, 0, 1, 0]);
  assert.throws(() => texts(new HelperFrames().push(bytes)), {
    ...protocol,
    message:
      'Cannot understand the namespace helper: it announces a frame of 65537 bytes: install the package again',
  });
});

test('fields are counted', () => {
  assert.deepEqual(texts(frameFields(Buffer.from('error\0\0x\ny'), 3)), ['error', '', 'x\ny']);
  assert.throws(() => frameFields(Buffer.from('error\0x'), 3), { ...protocol, message: /2 fields, not 3/ });
  assert.throws(() => frameFields(Buffer.from('error\0x\0\0'), 3), protocol);
});

test('a number is digits and nothing else', () => {
  assert.equal(numberField(Buffer.from('2147483647')), 2147483647);
  for (const text of ['', '-1', '1 ', '1e3', '0x1', '12345678901', 'NaN']) {
    assert.throws(() => numberField(Buffer.from(text)), protocol, text);
  }
  assert.throws(() => numberField(undefined), protocol);
});
