// depends on: runtime
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import fc from 'fast-check';
import { byteText } from '../../src/bytes/index.ts';

test('strings cut out of the text are those that decoding their bytes gives, whatever the bytes', () => {
  const byte = fc.oneof(
    fc.integer({ min: 0x61, max: 0x7a }),
    fc.constantFrom(0, 0x80, 0xbf, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xef, 0xbb, 0xf0, 0x9f, 0xff),
  );
  fc.assert(
    fc.property(fc.uint8Array({ max: 40 }), fc.array(byte, { maxLength: 12 }), (any, likely) => {
      for (const bytes of [Buffer.from(any), Buffer.from(likely)]) {
        const text = byteText(bytes);
        if (text === undefined) continue;
        for (let start = 0; start < bytes.length; start++) {
          const end = bytes.indexOf(0, start);
          assert.equal(text.indexOf('\0', start), end);
          if (end !== -1) assert.equal(text.slice(start, end), bytes.toString('utf8', start, end));
        }
      }
    }),
    { numRuns: 2000 },
  );
});

test('there is a text of names, but not of characters of several bytes, nor of large tables', () => {
  assert.equal(byteText(Buffer.from('\0license\0.maps\0')), '\0license\0.maps\0');
  assert.equal(byteText(Buffer.alloc(0)), '');
  assert.equal(byteText(Buffer.from('\0grün\0')), undefined);
  assert.equal(byteText(Buffer.alloc(1 << 20)), undefined);
});
