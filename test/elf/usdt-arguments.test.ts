import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseUsdtArguments, type UsdtArgument, type UsdtPlace } from '../../src/elf/index.ts';
import { BpfError } from '../../src/errors/index.ts';

const X86_64 = 62;
const I386 = 3;
const AARCH64 = 183;

const constant = (value: bigint): UsdtPlace => ({ kind: 'constant', value });
const register = (name: string): UsdtPlace => ({ kind: 'register', register: name });
const memory = (base: string, offset = 0n, index?: string, scale = 1): UsdtPlace => ({
  ...{ kind: 'memory', base, index, scale, offset },
});
const variable = (symbol: string, offset = 0n): UsdtPlace => ({ kind: 'variable', symbol, offset });

const X86: readonly (readonly [text: string, size: number, place: UsdtPlace])[] = [
  ['-4@$-9', -4, constant(-9n)],
  ['8@$18446744073709551615', 8, constant(2n ** 64n - 1n)],
  ['1@$0x1f', 1, constant(31n)],
  ['-1@$-0x1f', -1, constant(-31n)],
  ['8@%rdi', 8, register('rdi')],
  ['-4@%EDI', -4, register('rdi')],
  ['2@%bp', 2, register('rbp')],
  ['-1@%sil', -1, register('rsi')],
  ['1@%cl', 1, register('rcx')],
  ['1@%ch', 1, register('ch')],
  ['4@%r10d', 4, register('r10')],
  ['2@%r8w', 2, register('r8')],
  ['1@%r15b', 1, register('r15')],
  ['8@%rip', 8, register('rip')],
  ['-4@-1204(%rbp)', -4, memory('rbp', -1204n)],
  ['8@(%rax)', 8, memory('rax')],
  ['4@0x10(%rsp)', 4, memory('rsp', 16n)],
  ['-8@-96(%rbp,%rax,8)', -8, memory('rbp', -96n, 'rax', 8)],
  ['-8@( %rbp , %rax , 4 )', -8, memory('rbp', 0n, 'rax', 4)],
  ['1@(%rdx,%rcx)', 1, memory('rdx', 0n, 'rcx')],
  ['-4@counter(%rip)', -4, variable('counter')],
  ['4@counter+8(%rip)', 4, variable('counter', 8n)],
  ['4@8+counter(%rip)', 4, variable('counter', 8n)],
  ['4@-8+counter-4(%rip)', 4, variable('counter', -12n)],
  ['8@_ZN1a1bE.part.0', 8, variable('_ZN1a1bE.part.0')],
];

const ARM: typeof X86 = [
  ['-4@x0', -4, register('x0')],
  ['4@w30', 4, register('x30')],
  ['8@sp', 8, register('sp')],
  ['8@[sp]', 8, memory('sp')],
  ['8@[sp, 16]', 8, memory('sp', 16n)],
  ['-8@[x29,-24]', -8, memory('x29', -24n)],
  ['8@[sp, #16]', 8, memory('sp', 16n)],
  ['4@5', 4, constant(5n)],
  ['-4@-5', -4, constant(-5n)],
  ['-4@#-5', -4, constant(-5n)],
];

const expected = (size: number, place: UsdtPlace): UsdtArgument => ({
  ...{ size: Math.abs(size), signed: size < 0, place },
});

for (const [machine, name, rows] of [
  [X86_64, 'x86-64', X86],
  [I386, 'i386', X86],
  [AARCH64, 'arm64', ARM],
] as const) {
  test(`arguments of ${name}`, () => {
    for (const [text, size, place] of rows) {
      assert.deepEqual(parseUsdtArguments(text, machine), [expected(size, place)], text);
    }
    assert.deepEqual(
      parseUsdtArguments(`  ${rows.map(([text]) => text).join(' ')} `, machine),
      rows.map(([, size, place]) => expected(size, place)),
    );
    assert.deepEqual(parseUsdtArguments('', machine), []);
  });
}

const refusals: readonly (readonly [text: string, machine: number, message: string])[] = [
  ['8f@%xmm0', X86_64, '"8f@%xmm0": it is a floating-point number, which BPF programs cannot read'],
  [
    '4@%eax -8f@(%rax)',
    X86_64,
    '"-8f@(%rax)": it is a floating-point number, which BPF programs cannot read',
  ],
  ['16@%xmm0', X86_64, '"16@%xmm0": its size is 16, not 1, 2, 4 or 8'],
  ['8@%xmm0', X86_64, '"8@%xmm0": BPF programs cannot read register xmm0'],
  ['8@%ip', X86_64, '"8@%ip": BPF programs cannot read register ip'],
  ['3@%eax', X86_64, '"3@%eax": its size is 3, not 1, 2, 4 or 8'],
  ['%eax', X86_64, '"%eax": it does not begin with a size and @'],
  ['4@', X86_64, '"4@": its place is written in a way that this library does not know'],
  [
    '4@(%rax,%rbx,3)',
    X86_64,
    '"4@(%rax,%rbx,3)": its place is written in a way that this library does not know',
  ],
  ['4@(,%rbx,4)', X86_64, '"4@(,%rbx,4)": its place is written in a way that this library does not know'],
  ['4@%fs:8', X86_64, '"4@%fs:8": its place is written in a way that this library does not know'],
  ['4@x31', AARCH64, '"4@x31": BPF programs cannot read register x31'],
  ['8@d0', AARCH64, '"8@d0": BPF programs cannot read register d0'],
  ['8@[x0, x1]', AARCH64, '"8@[x0, x1]": its place is written in a way that this library does not know'],
  ['4@x0', 243, 'its processor (e_machine 243) is neither x86 nor arm64'],
];

test('arguments that programs cannot read', () => {
  for (const [text, machine, message] of refusals) {
    assert.throws(() => parseUsdtArguments(text, machine), {
      name: 'BpfError',
      code: 'ERR_BPF_USDT_ARGUMENT',
      message: `Cannot read the arguments of a USDT probe: ${message}`,
    });
  }
  assert.throws(() => parseUsdtArguments(5 as never, X86_64), { name: 'TypeError' });
});

test('any text is a list of arguments, or refused', () => {
  const piece = fc.constantFrom(
    ...[...X86, ...ARM].map(([text]) => text),
    ' ',
    '@',
    '-',
    '(',
    '%',
    '$',
    ',',
    '8f@',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(piece).map((pieces) => pieces.join('')),
        fc.array(piece).map((all) => all.join(' ')),
      ),
      fc.constantFrom(X86_64, I386, AARCH64),
      (text, machine) => {
        try {
          for (const { size } of parseUsdtArguments(text, machine)) assert.ok([1, 2, 4, 8].includes(size));
        } catch (error) {
          if (!BpfError.is(error) || error.code !== 'ERR_BPF_USDT_ARGUMENT') throw error;
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('long lists are read in time that grows with their length', () => {
  assert.equal(parseUsdtArguments('4@%eax '.repeat(100_000), X86_64).length, 100_000);
  assert.throws(() => parseUsdtArguments(`4@${'a'.repeat(1_000_000)}!`, X86_64));
  assert.throws(() => parseUsdtArguments(`4@(${' '.repeat(1_000_000)}`, X86_64));
});
