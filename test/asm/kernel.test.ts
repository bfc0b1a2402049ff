// depends on: kernel
/**
 * The kernel is the judge: the verifier's log and bpftool print each instruction, and so does the library. The tests
 * compare the texts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import * as asm from '../../src/asm/index.ts';
import { r0, r1, r2, r3, r4, r6, r10, w0, w1, w2, w6 } from '../../src/asm/index.ts';
import { VerifierError } from '../../src/errors/index.ts';
import { Program, type ProgramOptions } from '../../src/program/index.ts';
import { bpf, Fd, kernelBtf } from '../../src/sys/index.ts';
import { needsLoading } from '../program/needs.ts';
import { bpftool } from './bpftool.ts';

/** Loads with log level 2, which prints every instruction, whether the program is accepted or not. */
function logOf(options: ProgramOptions): { log: string; refused?: string } {
  try {
    using program = Program.loadSync({ ...options, logLevel: 2 });
    return { log: program.log };
  } catch (error) {
    if (error instanceof VerifierError) return { log: error.log, refused: error.lastLine };
    throw error;
  }
}

/**
 * The text that the kernel printed for each slot. Since Linux 6.16 it also lists all instructions once, with live
 * registers.
 */
function printed(log: string): Map<number, string> {
  const lines = new Map<number, string>();
  for (const [, slot, text] of log.matchAll(/^ *(\d+): (?:[.0-9]{10} )?(\([0-9a-f]{2}\) .*?)(?: *;.*)?$/gm)) {
    lines.set(Number(slot), text ?? '');
  }
  return lines;
}

/** The text that the library prints for each slot. */
function ours(items: readonly asm.AsmItem[], options: asm.FormatOptions = {}): Map<number, string> {
  const text = asm.disassemble(items, { references: 'number', ...options });
  return new Map([...text.matchAll(/^ *(\d+): (.*)$/gm)].map(([, slot, line]) => [Number(slot), line ?? '']));
}

/** Asserts that the library prints every line as the kernel printed it. Returns how many lines were compared. */
function agree(items: readonly asm.AsmItem[], log: string, options?: asm.FormatOptions): number {
  const theirs = printed(log);
  const mine = ours(items, options);
  assert.deepEqual(
    [...theirs].map(([slot]) => [slot, mine.get(slot)]),
    [...theirs],
  );
  return theirs.size;
}

const RETURN_0 = [asm.mov(r0, 0), asm.exit()];

/** Programs that the verifier accepts and walks through entirely, named for what they show. */
const PROGRAMS: Readonly<Record<string, readonly asm.AsmItem[]>> = {
  arithmetic: [
    asm.mov(r0, -7),
    asm.mov(w1, 0xffff_fff0),
    asm.add(r0, r1),
    asm.sub(r0, 5),
    asm.mul(w0, 3),
    asm.div(r0, 3),
    asm.mod(r0, 7),
    asm.or(r0, r1),
    asm.and(r0, 0xff),
    asm.xor(w0, w1),
    asm.lsh(r0, 3),
    asm.rsh(w0, 1),
    asm.arsh(r0, 2),
    asm.neg(r0),
    asm.neg(w0),
    asm.toLe(r0, 64),
    asm.toBe(r0, 16),
    ...RETURN_0,
  ],
  'signed arithmetic (ISA v4)': [
    asm.mov(r0, -7),
    asm.mov(r1, 2),
    asm.sdiv(r0, r1),
    asm.sdiv(w0, -2),
    asm.smod(r0, 3),
    asm.smod(w0, w1),
    asm.movsx(r2, r0, 8),
    asm.movsx(r2, r0, 16),
    asm.movsx(r2, r0, 32),
    asm.movsx(w2, w0, 8),
    asm.movsx(w2, w0, 16),
    asm.bswap(r2, 16),
    asm.bswap(r2, 32),
    asm.bswap(r2, 64),
    ...RETURN_0,
  ],
  // Both numbers are unknown, so that the verifier also follows the path without the jump.
  jumps: [
    ...[
      asm.jeq,
      asm.jne,
      asm.jgt,
      asm.jge,
      asm.jlt,
      asm.jle,
      asm.jset,
      asm.jsgt,
      asm.jsge,
      asm.jslt,
      asm.jsle,
    ].flatMap((jump, at) => [
      asm.call('get_prandom_u32'),
      asm.mov(r6, r0),
      asm.call('get_prandom_u32'),
      asm.mov(w1, w6),
      jump(r0, r6, `next${at}`),
      jump(w0, w1, `next${at}`),
      jump(r6, 77, `next${at}`),
      jump(w0, -5, `next${at}`),
      asm.label(`next${at}`),
    ]),
    asm.ja('out'),
    asm.label('out'),
    ...RETURN_0,
  ],
  'long jumps (ISA v4)': [
    asm.gotol('there'),
    asm.label('back'),
    ...RETURN_0,
    asm.label('there'),
    asm.gotol('back'),
  ],
  'bounded loops': [
    asm.mov(r0, 0),
    asm.label('again'),
    asm.mayGoto('out'),
    asm.ja('again'),
    asm.label('out'),
    ...RETURN_0,
  ],
  'loads and stores': [
    asm.mov(r2, 1),
    asm.st('u64', r10, -8, -1),
    asm.st('u32', r10, -8, 5),
    asm.st('u16', r10, -10, 6),
    asm.st('u8', r10, -11, 7),
    asm.stx('u64', r10, -16, r2),
    asm.stx('u32', r10, -16, r2),
    asm.stx('u16', r10, -16, r2),
    asm.stx('u8', r10, -16, r2),
    asm.ldx('u64', r3, r10, -8),
    asm.ldx('u32', r3, r10, -8),
    asm.ldx('u16', r3, r10, -8),
    asm.ldx('u8', r3, r10, -8),
    asm.ldx('u32', r3, r1, 0),
    asm.loadImm64(r3, 0x1122_3344_5566_7788n),
    asm.loadImm64(r3, -1),
    ...RETURN_0,
  ],
  'sign-extending loads (ISA v4)': [
    asm.st('u64', r10, -8, -1),
    asm.ldx('s8', r3, r10, -8),
    asm.ldx('s16', r3, r10, -8),
    asm.ldx('s32', r3, r10, -8),
    ...RETURN_0,
  ],
  'packet loads': [
    asm.mov(r6, r1),
    asm.mov(r2, 3),
    asm.ldAbs('u8', 0),
    asm.ldAbs('u16', 12),
    asm.ldAbs('u32', 16),
    asm.mov(r2, 3),
    asm.ldInd('u8', r2, -1),
    ...RETURN_0,
  ],
  atomics: [
    asm.st('u64', r10, -8, 0),
    asm.mov(r0, 1),
    asm.mov(r1, 2),
    asm.atomicAdd('u64', r10, -8, r1),
    asm.atomicAdd('u32', r10, -8, r1),
    asm.atomicOr('u64', r10, -8, r1),
    asm.atomicAnd('u64', r10, -8, r1),
    asm.atomicXor('u32', r10, -8, r1),
    asm.fetchAdd('u64', r10, -8, r1),
    asm.fetchOr('u64', r10, -8, r1),
    asm.fetchAnd('u32', r10, -8, r1),
    asm.fetchXor('u64', r10, -8, r1),
    asm.xchg('u64', r10, -8, r1),
    asm.xchg('u32', r10, -8, r1),
    asm.cmpxchg('u64', r10, -8, r1),
    asm.cmpxchg('u32', r10, -8, r1),
    ...RETURN_0,
  ],
  'load-acquire and store-release': [
    asm.st('u64', r10, -8, 0),
    asm.mov(r2, 1),
    asm.storeRelease('u8', r10, -8, r2),
    asm.storeRelease('u64', r10, -8, r2),
    asm.loadAcquire('u32', r1, r10, -8),
    asm.loadAcquire('u64', r1, r10, -8),
    ...RETURN_0,
  ],
  calls: [
    asm.call('get_smp_processor_id'),
    asm.callLocal('sub'),
    asm.callLocal('sub'),
    ...RETURN_0,
    asm.label('sub'),
    asm.mov(r0, 4),
    asm.exit(),
  ],
};

/** The ways in which a kernel says that it does not know an instruction. */
const UNKNOWN =
  /unknown opcode|BPF_\w+ uses reserved fields|invalid (BPF_\w+|BPF_LDX|atomic|insn)|unexpected|unsupported|not supported|uses reserved|invalid bpf/i;

for (const [name, items] of Object.entries(PROGRAMS)) {
  test(`the verifier log prints ${name} as we do`, needsLoading(), (t) => {
    const { log, refused } = logOf({ type: 'socket_filter', instructions: items });
    if (refused !== undefined && UNKNOWN.test(refused)) {
      return t.skip(`this kernel lacks an instruction: ${refused}`);
    }
    assert.equal(refused, undefined, log);
    // Support of gotol was added to 6.1 later, but not the text for it.
    if (/\(06\) if w0 jmp/.test(log)) return t.skip("this kernel's log has no name for gotol");
    const count = items.filter((item) => !asm.isLabel(item)).length;
    const seen = agree(items, log);
    // The verifier walks all paths, except those after jumps that it can decide.
    assert.ok(seen >= count - 2, `${seen} of ${count} instructions were printed`);
  });
}

test('the verifier log prints a call of a kernel function as we do', needsLoading(), (t) => {
  const id = (name: string): number | undefined => kernelBtf().byName(name, 'func')?.id;
  const [lock, unlock] = [id('bpf_rcu_read_lock'), id('bpf_rcu_read_unlock')];
  if (lock === undefined || unlock === undefined) return t.skip('this kernel has no bpf_rcu_read_lock');
  const items = [asm.callKfunc(lock), asm.callKfunc(unlock), ...RETURN_0];
  const { log, refused } = logOf({ type: 'sched_cls', instructions: items, license: 'GPL' });
  assert.equal(refused, undefined, log);
  const names = new Map([
    [lock, 'bpf_rcu_read_lock'],
    [unlock, 'bpf_rcu_read_unlock'],
  ]);
  assert.equal(agree(items, log, { kfuncName: (kfunc) => names.get(kfunc) }), 4);
});

const small = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const operations = [asm.add, asm.sub, asm.mul, asm.or, asm.and, asm.xor, asm.mov];
const registers64 = [r0, r2, r3, r4];
const registers32 = [w0, w2];
const straight: fc.Arbitrary<asm.Instruction> = fc.oneof(
  fc
    .tuple(fc.constantFrom(...operations), fc.constantFrom(...registers64), small)
    .map(([operation, register, imm]) => operation(register, imm)),
  fc
    .tuple(fc.constantFrom(...operations), fc.constantFrom(...registers64), fc.constantFrom(...registers64))
    .map(([operation, left, right]) => operation(left, right)),
  fc
    .tuple(fc.constantFrom(...operations), fc.constantFrom(...registers32), small)
    .map(([operation, register, imm]) => operation(register, imm)),
  fc
    .tuple(fc.constantFrom<asm.AccessSize>('u8', 'u16', 'u32', 'u64'), fc.integer({ min: 1, max: 64 }), small)
    .map(([size, slot, imm]) => asm.st(size, r10, slot * -8, imm)),
  fc
    .tuple(fc.constantFrom(...registers64), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
    .map(([register, imm]) => asm.loadImm64(register, imm)),
);

test('the verifier log prints random straight-line programs as we do', needsLoading(), () => {
  const set = registers64.map((register, at) => asm.mov(register, at));
  fc.assert(
    fc.property(fc.array(straight, { minLength: 1, maxLength: 40 }), (body) => {
      const items = [...set, ...body, ...RETURN_0];
      const { log, refused } = logOf({ type: 'socket_filter', instructions: items });
      assert.equal(refused, undefined, log);
      assert.equal(agree(items, log), items.length);
    }),
    { numRuns: 40 },
  );
});

test('bpftool prints what the kernel keeps of a program as we do', needsLoading(), (t) => {
  const attr = { map_type: 2, key_size: 4, value_size: 8, max_entries: 1, map_name: 'cell' };
  using fd = Fd.adopt(bpf('map_create', attr), 'map "cell"');
  const map = { name: 'cell', fd };
  const items = [
    asm.st('u32', r10, -4, 0),
    asm.mov(r2, r10),
    asm.add(r2, -4),
    asm.loadMap(r1, map),
    asm.call('map_lookup_elem'),
    asm.jeq(r0, 0, 'out'),
    asm.mov(r1, 1),
    asm.atomicAdd('u64', r0, 0, r1),
    asm.label('out'),
    asm.loadMapValue(r1, map, 4),
    asm.callLocal('sub'),
    ...RETURN_0,
    asm.label('sub'),
    ...(PROGRAMS.arithmetic ?? []).slice(0, -2),
    ...(PROGRAMS['loads and stores'] ?? []).filter(
      (item) => !('src' in item && item.src === 1 && item.opcode === 0x61),
    ),
  ];
  using program = Program.loadSync({ type: 'socket_filter', instructions: items });
  const dump = bpftool('prog', 'dump', 'xlated', 'id', String(program.info().id));
  if (dump === undefined) return t.skip('bpftool is not installed, nor unpacked in the cache');
  // The calls hold addresses by now, and bpftool prints the names of the functions there.
  const plain = (text: string): string[] =>
    text
      .split('\n')
      .filter((line) => /^ *\d+: \(/.test(line))
      .map((line) => line.replace(/(call) [^#\s]+(#-?\d+)/, '$1 $2').replace(/(call pc[+-]\d+)#.*/, '$1'));
  const mine = asm.disassemble(program.instructions(), { mapName: (id) => `id:${id}` });
  assert.ok(plain(dump).length > 30);
  assert.deepEqual(plain(mine), plain(dump));
});
