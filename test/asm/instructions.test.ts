import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as asm from '../../src/asm/index.ts';
import { r0, r1, r2, r3, r6, r10, w0, w1, w2 } from '../../src/asm/index.ts';

/** An instruction, its encoding on a little-endian machine, how it is printed, and its mnemonic. */
const TABLE: readonly (readonly [asm.Instruction, string, string, string])[] = [
  [asm.mov(r0, 1), 'b700000001000000', '(b7) r0 = 1', 'mov'],
  [asm.mov(r0, -1), 'b7000000ffffffff', '(b7) r0 = -1', 'mov'],
  [asm.mov(w0, 0xffffffff), 'b4000000ffffffff', '(b4) w0 = -1', 'mov'],
  [asm.mov(r1, r2), 'bf21000000000000', '(bf) r1 = r2', 'mov'],
  [asm.mov(w1, w2), 'bc21000000000000', '(bc) w1 = w2', 'mov'],
  [asm.movsx(r1, r2, 8), 'bf21080000000000', '(bf) r1 = (s8)r2', 'movsx'],
  [asm.movsx(r1, r2, 16), 'bf21100000000000', '(bf) r1 = (s16)r2', 'movsx'],
  [asm.movsx(r1, r2, 32), 'bf21200000000000', '(bf) r1 = (s32)r2', 'movsx'],
  [asm.movsx(w1, w2, 8), 'bc21080000000000', '(bc) w1 = (s8)w2', 'movsx'],
  [asm.movsx(w1, w2, 16), 'bc21100000000000', '(bc) w1 = (s16)w2', 'movsx'],
  [asm.add(r1, 2), '0701000002000000', '(07) r1 += 2', 'add'],
  [asm.add(w1, w2), '0c21000000000000', '(0c) w1 += w2', 'add'],
  [asm.sub(r1, r2), '1f21000000000000', '(1f) r1 -= r2', 'sub'],
  [asm.mul(r1, 3), '2701000003000000', '(27) r1 *= 3', 'mul'],
  [asm.div(r1, r2), '3f21000000000000', '(3f) r1 /= r2', 'div'],
  [asm.sdiv(r1, r2), '3f21010000000000', '(3f) r1 s/= r2', 'sdiv'],
  [asm.sdiv(w1, 2), '3401010002000000', '(34) w1 s/= 2', 'sdiv'],
  [asm.mod(r1, r2), '9f21000000000000', '(9f) r1 %= r2', 'mod'],
  [asm.smod(r1, -3), '97010100fdffffff', '(97) r1 s%= -3', 'smod'],
  [asm.or(r1, 1), '4701000001000000', '(47) r1 |= 1', 'or'],
  [asm.and(w1, 0xf0), '54010000f0000000', '(54) w1 &= 240', 'and'],
  [asm.xor(r1, r1), 'af11000000000000', '(af) r1 ^= r1', 'xor'],
  [asm.lsh(r1, 32), '6701000020000000', '(67) r1 <<= 32', 'lsh'],
  [asm.rsh(r1, r2), '7f21000000000000', '(7f) r1 >>= r2', 'rsh'],
  [asm.arsh(r1, 63), 'c70100003f000000', '(c7) r1 s>>= 63', 'arsh'],
  [asm.neg(r1), '8701000000000000', '(87) r1 = -r1', 'neg'],
  [asm.neg(w1), '8401000000000000', '(84) w1 = -w1', 'neg'],
  [asm.toLe(r1, 16), 'd401000010000000', '(d4) r1 = le16 r1', 'toLe'],
  [asm.toBe(r1, 64), 'dc01000040000000', '(dc) r1 = be64 r1', 'toBe'],
  [asm.bswap(r1, 32), 'd701000020000000', '(d7) r1 = bswap32 r1', 'bswap'],
  [
    asm.addrSpaceCast(r1, r2, 0, 1),
    'bf21010001000000',
    '(bf) r1 = addr_space_cast(r2, 0, 1)',
    'addrSpaceCast',
  ],
  [
    asm.addrSpaceCast(r1, r2, 1, 0),
    'bf21010000000100',
    '(bf) r1 = addr_space_cast(r2, 1, 0)',
    'addrSpaceCast',
  ],

  [asm.ja(3), '0500030000000000', '(05) goto pc+3', 'ja'],
  [asm.ja(-1), '0500ffff00000000', '(05) goto pc-1', 'ja'],
  [asm.gotol(70000), '0600000070110100', '(06) gotol pc+70000', 'gotol'],
  [asm.mayGoto(2), 'e500020000000000', '(e5) may_goto pc+2', 'mayGoto'],
  [asm.gotox(r3), '0d03000000000000', '(0d) gotox r3', 'gotox'],
  [asm.jeq(r1, 0, 5), '1501050000000000', '(15) if r1 == 0x0 goto pc+5', 'jeq'],
  [asm.jeq(w1, w2, 5), '1e21050000000000', '(1e) if w1 == w2 goto pc+5', 'jeq'],
  [asm.jne(r1, -1, 5), '55010500ffffffff', '(55) if r1 != 0xffffffff goto pc+5', 'jne'],
  [asm.jgt(r1, r2, 5), '2d21050000000000', '(2d) if r1 > r2 goto pc+5', 'jgt'],
  [asm.jge(r1, 7, 5), '3501050007000000', '(35) if r1 >= 0x7 goto pc+5', 'jge'],
  [asm.jlt(r1, r2, 5), 'ad21050000000000', '(ad) if r1 < r2 goto pc+5', 'jlt'],
  [asm.jle(w1, 7, 5), 'b601050007000000', '(b6) if w1 <= 0x7 goto pc+5', 'jle'],
  [asm.jset(r1, 8, 5), '4501050008000000', '(45) if r1 & 0x8 goto pc+5', 'jset'],
  [asm.jsgt(r1, r2, 5), '6d21050000000000', '(6d) if r1 s> r2 goto pc+5', 'jsgt'],
  [asm.jsge(r1, r2, 5), '7d21050000000000', '(7d) if r1 s>= r2 goto pc+5', 'jsge'],
  [asm.jslt(r1, 0, 5), 'c501050000000000', '(c5) if r1 s< 0x0 goto pc+5', 'jslt'],
  [asm.jsle(w1, w2, 5), 'de21050000000000', '(de) if w1 s<= w2 goto pc+5', 'jsle'],
  [asm.exit(), '9500000000000000', '(95) exit', 'exit'],

  [asm.ldx('u8', r1, r2, 4), '7121040000000000', '(71) r1 = *(u8 *)(r2 +4)', 'ldx'],
  [asm.ldx('u16', r1, r2, -4), '6921fcff00000000', '(69) r1 = *(u16 *)(r2 -4)', 'ldx'],
  [asm.ldx('u32', r1, r2, 0), '6121000000000000', '(61) r1 = *(u32 *)(r2 +0)', 'ldx'],
  [asm.ldx('u64', r1, r2, 8), '7921080000000000', '(79) r1 = *(u64 *)(r2 +8)', 'ldx'],
  [asm.ldx('s8', r1, r2, 4), '9121040000000000', '(91) r1 = *(s8 *)(r2 +4)', 'ldx'],
  [asm.ldx('s16', r1, r2, 4), '8921040000000000', '(89) r1 = *(s16 *)(r2 +4)', 'ldx'],
  [asm.ldx('s32', r1, r2, 4), '8121040000000000', '(81) r1 = *(s32 *)(r2 +4)', 'ldx'],
  [asm.stx('u32', r10, -4, r1), '631afcff00000000', '(63) *(u32 *)(r10 -4) = r1', 'stx'],
  [asm.stx('u64', r10, -8, r1), '7b1af8ff00000000', '(7b) *(u64 *)(r10 -8) = r1', 'stx'],
  [asm.st('u8', r10, -1, 255), '720affffff000000', '(72) *(u8 *)(r10 -1) = 255', 'st'],
  [asm.st('u64', r10, -8, -1), '7a0af8ffffffffff', '(7a) *(u64 *)(r10 -8) = -1', 'st'],
  [asm.ldAbs('u16', 12), '280000000c000000', '(28) r0 = *(u16 *)skb[12]', 'ldAbs'],
  [asm.ldInd('u32', r6, 2), '4060000002000000', '(40) r0 = *(u32 *)skb[r6 + 2]', 'ldInd'],

  [asm.atomicAdd('u64', r1, 0, r2), 'db21000000000000', '(db) lock *(u64 *)(r1 +0) += r2', 'atomicAdd'],
  [asm.atomicOr('u32', r1, 4, r2), 'c321040040000000', '(c3) lock *(u32 *)(r1 +4) |= r2', 'atomicOr'],
  [asm.atomicAnd('u64', r1, 0, r2), 'db21000050000000', '(db) lock *(u64 *)(r1 +0) &= r2', 'atomicAnd'],
  [asm.atomicXor('u64', r1, 0, r2), 'db210000a0000000', '(db) lock *(u64 *)(r1 +0) ^= r2', 'atomicXor'],
  [
    asm.fetchAdd('u64', r1, 8, r2),
    'db21080001000000',
    '(db) r2 = atomic64_fetch_add((u64 *)(r1 +8), r2)',
    'fetchAdd',
  ],
  [
    asm.fetchOr('u32', r1, 0, r2),
    'c321000041000000',
    '(c3) r2 = atomic_fetch_or((u32 *)(r1 +0), r2)',
    'fetchOr',
  ],
  [
    asm.fetchAnd('u64', r1, 0, r2),
    'db21000051000000',
    '(db) r2 = atomic64_fetch_and((u64 *)(r1 +0), r2)',
    'fetchAnd',
  ],
  [
    asm.fetchXor('u32', r1, 0, r2),
    'c3210000a1000000',
    '(c3) r2 = atomic_fetch_xor((u32 *)(r1 +0), r2)',
    'fetchXor',
  ],
  [asm.xchg('u64', r1, 0, r2), 'db210000e1000000', '(db) r2 = atomic64_xchg((u64 *)(r1 +0), r2)', 'xchg'],
  [
    asm.cmpxchg('u32', r1, 0, r2),
    'c3210000f1000000',
    '(c3) r0 = atomic_cmpxchg((u32 *)(r1 +0), r0, r2)',
    'cmpxchg',
  ],
  [
    asm.loadAcquire('u8', r1, r2, 4),
    'd321040000010000',
    '(d3) r1 = load_acquire((u8 *)(r2 +4))',
    'loadAcquire',
  ],
  [
    asm.loadAcquire('u64', r1, r2, 0),
    'db21000000010000',
    '(db) r1 = load_acquire((u64 *)(r2 +0))',
    'loadAcquire',
  ],
  [
    asm.storeRelease('u32', r1, 4, r2),
    'c321040010010000',
    '(c3) store_release((u32 *)(r1 +4), r2)',
    'storeRelease',
  ],

  [asm.call(1), '8500000001000000', '(85) call bpf_map_lookup_elem#1', 'call'],
  [asm.call('map_lookup_elem'), '8500000001000000', '(85) call bpf_map_lookup_elem#1', 'call'],
  [asm.callLocal(4), '8510000004000000', '(85) call pc+4', 'callLocal'],
  [asm.callKfunc(1234, 2), '85200200d2040000', '(85) call kernel-function#1234', 'callKfunc'],

  [asm.loadImm64(r1, 5), '18010000050000000000000000000000', '(18) r1 = 0x5', 'loadImm64'],
  [asm.loadImm64(r1, -2), '18010000feffffff00000000ffffffff', '(18) r1 = 0xfffffffffffffffe', 'loadImm64'],
  [
    asm.loadImm64(r1, 0x1122334455667788n),
    '18010000887766550000000044332211',
    '(18) r1 = 0x1122334455667788',
    'loadImm64',
  ],
  [asm.loadMap(r1, 7), '18110000070000000000000000000000', '(18) r1 = map[fd:7]', 'loadMap'],
  [
    asm.loadMapValue(r1, 7, 16),
    '18210000070000000000000010000000',
    '(18) r1 = map[fd:7][0]+16',
    'loadMapValue',
  ],
  [asm.loadBtfId(r1, 99, 3), '18310000630000000000000003000000', '(18) r1 = 0x300000063', 'loadBtfId'],
  [asm.loadFunction(r1, 5), '18410000050000000000000000000000', '(18) r1 = subprog[+5]', 'loadFunction'],
  [asm.loadMapIndex(r1, 2), '18510000020000000000000000000000', '(18) r1 = map[idx:2]', 'loadMapIndex'],
  [
    asm.loadMapIndexValue(r1, 2, 8),
    '18610000020000000000000008000000',
    '(18) r1 = map[idx:2]+8',
    'loadMapIndexValue',
  ],
];

function swapOrder(hex: string): string {
  return hex.replace(/(..)(.)(.)(..)(..)(..)(..)(..)(..)/g, '$1$3$2$5$4$9$8$7$6');
}

for (const [instruction, hex, text, name] of TABLE) {
  test(`${text} is ${hex}`, () => {
    const little = asm.encode([instruction], { byteOrder: 'little' });
    const big = asm.encode([instruction], { byteOrder: 'big' });
    assert.equal(Buffer.from(little).toString('hex'), hex);
    assert.equal(Buffer.from(big).toString('hex'), swapOrder(hex));
    assert.deepEqual(asm.decode(little, { byteOrder: 'little' }), [instruction]);
    assert.deepEqual(asm.decode(big, { byteOrder: 'big' }), [instruction]);
    assert.equal(asm.formatInstruction(instruction), text);
    assert.equal(asm.mnemonic(instruction), name);
  });
}

test('an opcode nobody knows is kept and printed with its fields', () => {
  const bytes = Uint8Array.from([0xff, 0x21, 1, 0, 2, 0, 0, 0]);
  const [instruction, ...rest] = asm.decode(bytes, { byteOrder: 'little' });
  assert.equal(rest.length, 0);
  assert.ok(instruction);
  assert.equal(asm.formatInstruction(instruction), '(ff) unknown dst=1 src=2 offset=1 imm=2');
  assert.deepEqual(asm.encode([instruction], { byteOrder: 'little' }), bytes);
});

test('arguments that do not fit are refused with the value seen', () => {
  assert.throws(() => asm.mov(r0, 0xffffffff), /^RangeError: mov: immediate must be .* not 4294967295$/);
  assert.throws(() => asm.mov(w0, 2 ** 32), RangeError);
  assert.throws(() => asm.add(r0, 1.5), /not 1.5$/);
  assert.throws(() => asm.ldx('u32', r0, r1, 32768), /^RangeError: ldx: offset must be .* not 32768$/);
  assert.throws(() => asm.st('u64', r10, -8, 2 ** 31), RangeError);
  assert.throws(() => asm.jeq(r0, 0, -32769), RangeError);
  assert.throws(() => asm.loadImm64(r0, 2n ** 64n), RangeError);
  assert.throws(() => asm.loadImm64(r0, 2 ** 60), /safe integer/);
  assert.throws(() => asm.loadMap(r1, -1), RangeError);
  assert.throws(() => asm.addrSpaceCast(r0, r1, 0x10000, 0), RangeError);
  assert.throws(() => asm.label(''), TypeError);
  // The types forbid these calls, but plain JavaScript can make them.
  assert.throws(() => asm.mov(r0, w1 as never), /64-bit and a 32-bit register/);
  assert.throws(() => asm.jeq(r0, w1 as never, 0), /64-bit and a 32-bit register/);
  assert.throws(() => asm.movsx(w0, w1, 32), RangeError);
  assert.throws(() => asm.bswap(r0, 8 as never), RangeError);
  assert.throws(() => asm.ldx('toString' as never, r0, r1, 0), TypeError);
  assert.throws(() => asm.atomicAdd('u8' as never, r0, 0, r1), TypeError);
  assert.throws(() => asm.call('map_lookup_elm' as never), /map_lookup_elem/);
});
