import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BtfBuilder, BtfTypes, codecOf } from '../../../src/btf/index.ts';
import { FormatError } from '../../../src/errors/index.ts';

/** A codec for the type that `build` adds last. */
function make(build: (btf: BtfBuilder) => number, littleEndian = true): ReturnType<typeof codecOf> {
  const btf = new BtfBuilder();
  const id = build(btf);
  return codecOf(BtfTypes.parse(btf.encode({ littleEndian })), id);
}

function encode(codec: ReturnType<typeof codecOf>, value: unknown, fill = 0): string {
  const bytes = new Uint8Array(codec.size).fill(fill);
  codec.encode(new DataView(bytes.buffer), 0, value);
  return Buffer.from(bytes).toString('hex');
}

function decode(codec: ReturnType<typeof codecOf>, hex: string): unknown {
  const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
  assert.equal(bytes.length, codec.size);
  return codec.decode(new DataView(bytes.buffer), 0);
}

/** struct address { u8 kind; union { u32 v4; u16 parts[2]; struct { u16 low; u16 high; }; }; char tag[4]; } */
function address(btf: BtfBuilder): number {
  const u8 = btf.int('unsigned char', 1);
  const u16 = btf.int('unsigned short', 2);
  const u32 = btf.int('unsigned int', 4);
  const halves = btf.struct('', 4, [
    { name: 'low', type: u16, offset: 0 },
    { name: 'high', type: u16, offset: 2 },
  ]);
  const union = btf.union('', 4, [
    { name: 'v4', type: u32 },
    { name: 'parts', type: btf.array(u16, 2, u32) },
    { name: '', type: halves },
  ]);
  return btf.struct('address', 12, [
    { name: 'kind', type: u8, offset: 0 },
    { name: '', type: union, offset: 4 },
    { name: 'tag', type: btf.array(btf.int('char', 1, 'signed'), 4, u32), offset: 8 },
  ]);
}

test('a union takes one member, or several that the same bytes stand for', () => {
  const codec = make(address);
  const bytes = '07000000' + '01000200' + '61620000';
  const all = { kind: 7, v4: 0x20001, parts: [1, 2], low: 1, high: 2, tag: 'ab' };
  assert.deepEqual(decode(codec, bytes), all);
  for (const value of [
    { kind: 7, v4: 0x20001, tag: 'ab' },
    { kind: 7, parts: [1, 2], tag: 'ab' },
    { kind: 7, low: 1, high: 2, tag: 'ab' },
    { kind: 7, v4: undefined, low: 1, high: 2, tag: 'ab' },
    all,
  ]) {
    assert.equal(encode(codec, value, 0xff), bytes);
  }
});

test('errors name the path of the member', () => {
  const codec = make((btf) => {
    const inner = address(btf);
    const mode = btf.enum('mode', [
      { name: 'OFF', value: 0 },
      { name: 'SLOW', value: 1 },
    ]);
    return btf.struct('outer', 28, [
      { name: 'list', type: btf.array(inner, 2, 1), offset: 0 },
      { name: 'mode', type: mode, offset: 24 },
    ]);
  });
  const good = { kind: 1, v4: 1, tag: '' };
  const cases: readonly [unknown, RegExp][] = [
    [7, /^TypeError: value: expected an object with list, mode, got 7$/],
    [{ list: [good] }, /^RangeError: value\.list: expected exactly 2 elements, got 1$/],
    [{ list: [good, { ...good, kind: 256 }] }, /^RangeError: value\.list\[1\]\.kind: 256 is not a u8/],
    [
      { list: [good, { ...good, tag: 'abcde' }] },
      /^RangeError: value\.list\[1\]\.tag: "abcde" needs more than/,
    ],
    [
      { list: [good, { kind: 1, tag: '' }] },
      /^TypeError: value\.list\[1\]: expected one of the union's members v4, parts, low and high, got undefined$/,
    ],
    [{ list: [{ ...good, v4: 3, parts: [4, 0] }] }, /^RangeError: value\.list: expected exactly 2/],
    [
      { list: [{ ...good, v4: 3, parts: [4, 0] }, good] },
      /^TypeError: value\.list\[0\]: expected one member of a union, because these contradict each other, got "v4, parts"$/,
    ],
    [{ list: [{ kind: 1, low: 1, tag: '' }, good] }, /^TypeError: value\.list\[0\]\.high: expected a u16/],
    [
      { list: [good, good], mode: 'SLO' },
      /^TypeError: value\.mode: expected a value of enum mode or its name \(did you mean "SLOW"\?\), got "SLO"$/,
    ],
    [{ list: [good, good], mode: -1 }, /^RangeError: value\.mode: -1 is not a u32/],
    [
      { list: [good, good], mode: true },
      /^TypeError: value\.mode: expected a value of enum mode or its name, got true$/,
    ],
  ];
  for (const [value, expected] of cases) assert.throws(() => encode(codec, value), expected);
});

test('enums are names where they have one, and take numbers too', () => {
  const values = [
    { name: 'A', value: -1 },
    { name: 'B', value: 2 },
    { name: 'ALSO_B', value: 2 },
  ];
  const small = make((btf) => btf.enum('e', values));
  assert.equal(decode(small, 'ffffffff'), 'A');
  assert.equal(decode(small, '02000000'), 'B');
  assert.equal(decode(small, '03000000'), 3);
  for (const value of ['B', 'ALSO_B', 2]) assert.equal(encode(small, value), '02000000');
  const large = make((btf) => btf.enum64('e', [{ name: 'TOP', value: 1n << 63n }]), false);
  assert.equal(decode(large, '8000000000000000'), 'TOP');
  assert.equal(decode(large, '0000000000000005'), 5n);
  for (const value of [5, 5n]) assert.equal(encode(large, value), '0000000000000005');
  assert.equal(encode(large, 'TOP'), '8000000000000000');
});

test('what belongs to the kernel is left out and left alone', () => {
  const codec = make((btf) => {
    const u32 = btf.int('unsigned int', 4);
    const lock = btf.struct('bpf_spin_lock', 4, [{ name: 'val', type: u32 }]);
    const timer = btf.struct('bpf_timer', 16, []);
    const task = btf.forward('task_struct', 'struct');
    const kptr = btf.ptr(btf.typeTag('kptr_untrusted', task));
    const uptr = btf.ptr(btf.typeTag('uptr', task));
    return btf.struct('value', 64, [
      { name: 'count', type: u32, offset: 0 },
      { name: 'lock', type: btf.typedef('lock_t', lock), offset: 4 },
      { name: 'timers', type: btf.array(timer, 2, u32), offset: 8 },
      { name: 'task', type: kptr, offset: 40 },
      { name: 'mine', type: uptr, offset: 48 },
    ]);
  });
  assert.equal(
    encode(codec, { count: 1, mine: 2n }, 0xee),
    `01000000${'ee'.repeat(4 + 32 + 8)}0200000000000000${'00'.repeat(8)}`,
  );
  assert.deepEqual(decode(codec, 'ee'.repeat(64)), { count: 0xeeeeeeee, mine: 0xeeeeeeeeeeeeeeeen });
  const alone = make((btf) => btf.variable('lock', btf.struct('bpf_spin_lock', 4, [])));
  assert.equal(decode(alone, '01000000'), undefined);
});

test('a data section is an object of its variables', () => {
  const codec = make((btf) => {
    const u16 = btf.int('unsigned short', 2);
    const a = btf.variable('a', btf.modifier('const', u16));
    const b = btf.variable('b', btf.array(u16, 2, u16));
    const proto = btf.funcProto(0, []);
    return btf.dataSection('.data', 8, [
      { type: b, offset: 4, size: 4 },
      { type: a, offset: 0, size: 2 },
      { type: btf.func('f', proto, 'extern'), offset: 0, size: 0 },
    ]);
  });
  assert.equal(encode(codec, { a: 1, b: Uint16Array.of(2, 3) }, 0xff), '0100000002000300');
  assert.deepEqual(decode(codec, '0100ffff02000300'), { b: [2, 3], a: 1 });
});

test('bit fields of any width hold what is written, next to each other, in both byte orders', () => {
  const fields = fc.array(
    fc.record({
      width: fc.integer({ min: 1, max: 64 }),
      gap: fc.integer({ min: 0, max: 9 }),
      raw: fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      signed: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  );
  fc.assert(
    fc.property(fields, fc.boolean(), (list, littleEndian) => {
      let bit = 0;
      const value: Record<string, unknown> = {};
      // The expected bytes, made bit by bit: starting from the lowest bit of each byte, or from the highest.
      const wanted = new Uint8Array(
        Math.ceil(list.reduce((sum, { width, gap }) => sum + width + gap, 0) / 8),
      );
      const codec = make((btf) => {
        const members = list.map(({ width, gap, raw, signed }, i) => {
          const big = width > 32;
          const type = btf.int(`t${i}`, big ? 8 : 4, signed ? 'signed' : 'unsigned');
          const bits = BigInt.asUintN(width, raw);
          const number = signed ? BigInt.asIntN(width, bits) : bits;
          value[`m${i}`] = big ? number : Number(number);
          bit += gap;
          for (let n = 0; n < width; n++) {
            const at = bit + n;
            const set = (bits >> BigInt(littleEndian ? n : width - 1 - n)) & 1n;
            const mask = littleEndian ? 1 << (at % 8) : 0x80 >> (at % 8);
            if (set === 1n) wanted[at >> 3] = (wanted[at >> 3] ?? 0) | mask;
          }
          const member = { name: `m${i}`, type, bitOffset: bit, bitSize: width };
          bit += width;
          return member;
        });
        return btf.struct('bits', wanted.length, members);
      }, littleEndian);
      const hex = Buffer.from(wanted).toString('hex');
      assert.equal(encode(codec, value, 0xff), hex);
      assert.deepEqual(decode(codec, hex), value);
    }),
  );
});

test('bit fields refuse what does not fit', () => {
  const codec = make((btf) => {
    const int = btf.int('int', 4, 'signed');
    const u64 = btf.int('unsigned long', 8);
    return btf.struct('bits', 8, [
      { name: 'a', type: int, bitOffset: 0, bitSize: 3 },
      { name: 'b', type: u64, bitOffset: 3, bitSize: 40 },
    ]);
  });
  assert.throws(() => encode(codec, { a: 4, b: 0n }), {
    name: 'RangeError',
    message: 'value.a: 4 does not fit -4 to 3, the range of a signed bit field of 3 bits',
  });
  assert.throws(
    () => encode(codec, { a: 1, b: 1n << 40n }),
    /^RangeError: value\.b: 1099511627776n does not fit/,
  );
  assert.throws(() => encode(codec, { a: 1, b: 1 }), /^TypeError: value\.b: expected a bigint/);
  assert.throws(() => encode(codec, { a: 1.5, b: 1n }), /^RangeError: value\.a: 1\.5 does not fit/);
});

test('types without values, and malformed ones, are refused', () => {
  const cases: readonly [(btf: BtfBuilder) => number, RegExp][] = [
    [() => 0, /a void has no value/],
    [(btf) => btf.forward('task_struct', 'struct'), /a fwd has no value/],
    [(btf) => btf.funcProto(0, []), /a func_proto has no value/],
    [(btf) => btf.int('odd', 3), /int of 3 bytes/],
    [(btf) => btf.typedef('self', btf.nextId), /in a circle/],
    [(btf) => btf.struct('s', 8, [{ name: 'again', type: btf.nextId }]), /without end/],
    [(btf) => btf.array(btf.nextId, 2, 0), /without end/],
    [
      (btf) => btf.struct('s', 2, [{ name: 'x', type: btf.int('u32', 4) }]),
      /"x" ends at bit 32, after the 2 bytes/,
    ],
    [
      (btf) => {
        const u8 = btf.int('u8', 1);
        return btf.struct('s', 2, [
          { name: 'x', type: u8 },
          { name: 'x', type: u8, offset: 1 },
        ]);
      },
      /two members named "x"/,
    ],
    [(btf) => btf.struct('s', 1, [{ name: '__proto__', type: btf.int('u8', 1) }]), /__proto__/],
    [(btf) => btf.array(btf.int('u64', 8), 0x7fff_ffff, 1), /too large/],
    [(btf) => btf.array(btf.struct('empty', 0, []), 0x7fff_ffff, 1), /2147483647 elements of 0 bytes/],
    [
      (btf) => {
        let type = btf.struct('empty', 0, []);
        for (let i = 0; i < 40; i++) {
          type = btf.struct('twice', 0, [
            { name: 'a', type },
            { name: 'b', type },
          ]);
        }
        return type;
      },
      /values in 0 bytes/,
    ],
  ];
  for (const [build, expected] of cases) {
    assert.throws(
      () => make(build),
      (error) => error instanceof FormatError && expected.test(error.message),
    );
  }
  assert.throws(() => make(() => 12), RangeError);
});

test('a float as large as no value can be is malformed', () => {
  const btf = new BtfBuilder();
  for (const size of [0, 0x8000_0000, 0xffff_fffd]) {
    const id = btf.float('huge', size);
    assert.throws(() => codecOf(BtfTypes.parse(btf.encode()), id), FormatError);
  }
});
