import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteReader, ByteWriter, HOST_LITTLE_ENDIAN } from '../../../src/bytes/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import {
  Attributes,
  AttributeWriter,
  decodeMessages,
  encodeRequest,
  FLAGS,
  readEnd,
} from '../../../src/sys/netlink/index.ts';

const out = (): ByteWriter => new ByteWriter({ littleEndian: HOST_LITTLE_ENDIAN });
const reader = (bytes: Uint8Array): ByteReader => new ByteReader(bytes, { littleEndian: HOST_LITTLE_ENDIAN });
const ERROR = 2;
const DONE = 3;

/** An acknowledgement of a request with this payload, and attributes after it. */
function acknowledgement(errno: number, flags: number, request: Uint8Array, text?: string): Uint8Array {
  const attributes = new AttributeWriter();
  if (text !== undefined) attributes.text(1, text);
  const payload = out().u32(-errno).bytes(request).align(4).bytes(attributes.toBytes()).toBytes();
  return encodeRequest({ type: ERROR, flags, payload }, 7);
}

test('attributes are read as they were written', () => {
  const bytes = new AttributeWriter()
    .text(1, 'bpf')
    .nested(2, (inside) => inside.u32(6, 0xffff_fff1).text(7, 'name'))
    .bytes(3, new Uint8Array([1, 2, 3, 4, 5]))
    .toBytes();
  assert.equal(bytes.length, 8 + (4 + 8 + 12) + 12);
  const found = new Attributes(reader(bytes));
  assert.equal(found.text(1), 'bpf');
  assert.equal(found.text(1), 'bpf');
  const inside = found.nested(2);
  assert.equal(inside?.u32(6), 0xffff_fff1);
  assert.equal(inside?.text(7), 'name');
  assert.equal(inside?.u32(8), undefined);
  assert.equal(found.nested(9), undefined);
  assert.equal(found.text(9), undefined);
  assert.throws(() => new AttributeWriter().bytes(1, new Uint8Array(0xffff)), RangeError);
});

test('the bits beside the number of an attribute do not count, and the last of several does', () => {
  const bytes = out().u16(8).u16(0x8001).u32(5).u16(8).u16(0x4001).u32(6).u16(5).u16(2).u8(0x61).toBytes();
  const found = new Attributes(reader(bytes));
  assert.equal(found.u32(1), 6);
  assert.equal(found.text(2), 'a');
});

test('wrong lengths of attributes are refused', () => {
  for (const bytes of [
    out().u16(3).u16(1).toBytes(),
    out().u16(9).u16(1).u32(0).toBytes(),
    out().u16(0xffff).u16(1).toBytes(),
  ]) {
    assert.throws(() => new Attributes(reader(bytes)), FormatError);
  }
  assert.throws(() => new Attributes(reader(out().u16(6).u16(1).u16(1).toBytes())).u32(1), FormatError);
});

test('messages are read as they were written', () => {
  const one = encodeRequest({ type: 44, flags: 5, payload: new Uint8Array([1, 2, 3, 4]) }, 9);
  const two = encodeRequest({ type: 45, flags: 0, payload: new Uint8Array([5, 6]) }, 10);
  assert.equal(one.length, 20);
  const found = decodeMessages(Buffer.concat([one, two]));
  assert.deepEqual(
    found.map(({ type, flags, sequence, payload }) => [
      type,
      flags,
      sequence,
      ...payload.bytes(payload.length),
    ]),
    [
      [44, 5, 9, 1, 2, 3, 4],
      [45, 0, 10, 5, 6],
    ],
  );
  assert.deepEqual(decodeMessages(new Uint8Array(0)), []);
});

test('wrong lengths of messages are refused', () => {
  const good = encodeRequest({ type: 44, flags: 5, payload: new Uint8Array(4) }, 9);
  for (const length of [0, 15, 21, 0xffff_ffff]) {
    const bytes = good.slice();
    new DataView(bytes.buffer).setUint32(0, length, HOST_LITTLE_ENDIAN);
    assert.throws(() => decodeMessages(bytes), FormatError, `${length}`);
  }
  assert.throws(() => decodeMessages(good.subarray(0, 10)), FormatError);
});

test('an acknowledgement has the errno, and what the kernel says', () => {
  const request = encodeRequest({ type: 44, flags: 5, payload: new Uint8Array(10) }, 7);
  const header = request.subarray(0, 16);
  const { capped, ack_tlvs } = FLAGS;
  for (const [bytes, errno, text] of [
    [acknowledgement(0, capped, header), 0, ''],
    [acknowledgement(17, capped, header), 17, ''],
    [acknowledgement(17, capped | ack_tlvs, header, 'Filter already exists'), 17, 'Filter already exists'],
    [acknowledgement(22, ack_tlvs, request, 'No'), 22, 'No'],
    [acknowledgement(22, 0, request), 22, ''],
  ] as const) {
    const [message] = decodeMessages(bytes);
    assert.ok(message !== undefined);
    assert.deepEqual(readEnd(message), { errno, text });
  }
  const [done] = decodeMessages(encodeRequest({ type: DONE, flags: 0, payload: new Uint8Array(4) }, 7));
  assert.deepEqual(done && readEnd(done), { errno: 0, text: '' });
  const [other] = decodeMessages(request);
  assert.equal(other && readEnd(other), undefined);
});

test('an acknowledgement that is cut off is refused', () => {
  const request = encodeRequest({ type: 44, flags: 5, payload: new Uint8Array(10) }, 7).subarray(0, 16);
  const whole = acknowledgement(17, FLAGS.capped | FLAGS.ack_tlvs, request, 'No');
  for (const end of [18, 22, 30]) {
    const bytes = whole.slice(0, end);
    new DataView(bytes.buffer).setUint32(0, end, HOST_LITTLE_ENDIAN);
    const [message] = decodeMessages(bytes);
    assert.throws(() => message && readEnd(message), FormatError, `${end}`);
  }
});

test('damaged bytes give a FormatError or nothing, and end', () => {
  const request = encodeRequest({ type: 44, flags: 5, payload: new Uint8Array(10) }, 7).subarray(0, 16);
  const whole = acknowledgement(17, FLAGS.capped | FLAGS.ack_tlvs, request, 'Filter already exists');
  for (let at = 0; at < whole.length; at++) {
    for (const value of [0, 1, 3, 4, 0x7f, 0xff]) {
      const bytes = whole.slice();
      bytes[at] = value;
      try {
        for (const message of decodeMessages(bytes)) readEnd(message);
      } catch (error) {
        assert.ok(FormatError.is(error), `${error}`);
      }
    }
  }
});
