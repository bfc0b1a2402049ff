import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as asm from '../../src/asm/index.ts';
import { r0, r1 } from '../../src/asm/index.ts';

const offsets = (items: readonly asm.AsmItem[]): number[] =>
  asm.decode(asm.encode(items)).map(({ offset }) => offset);

test('labels become distances, two-slot loads counted twice', () => {
  const items = [
    asm.label('start'),
    asm.jeq(r1, 0, 'out'),
    asm.loadImm64(r0, 1),
    asm.ja('start'),
    asm.label('out'),
    asm.label('same place'),
    asm.exit(),
  ];
  assert.deepEqual(offsets(items), [3, 0, -4, 0]);
});

test('calls, function loads and gotol carry the distance in the immediate', () => {
  const items = [
    asm.callLocal('sub'),
    asm.loadFunction(r1, 'sub'),
    asm.gotol('sub'),
    asm.exit(),
    asm.label('sub'),
    asm.exit(),
  ];
  assert.deepEqual(
    asm.decode(asm.encode(items)).map(({ imm }) => imm),
    [4, 3, 1, 0, 0],
  );
});

test('labels that are missing, doubled, behind the end or too far are errors that name the instruction', () => {
  const fail = (items: readonly asm.AsmItem[]): void => void asm.encode(items);
  assert.throws(
    () => fail([asm.mov(r0, 0), asm.jeq(r0, 0, 'uot'), asm.label('out'), asm.exit()]),
    /^TypeError: Cannot encode instruction 1 \(jeq\): label "uot" is not defined \(did you mean "out"\?\)$/,
  );
  assert.throws(
    () => fail([asm.label('a'), asm.label('a'), asm.exit()]),
    /^TypeError: Cannot place label "a": it is defined twice$/,
  );
  assert.throws(() => fail([asm.ja('end'), asm.label('end')]), /no instruction after it/);
  const far = Array.from({ length: 32768 }, () => asm.mov(r0, 0));
  assert.throws(
    () => fail([asm.ja('far'), ...far, asm.label('far'), asm.exit()]),
    /^RangeError: Cannot encode instruction 0 \(ja\): label "far" is 32768 slots away, .*; use gotol$/,
  );
  assert.deepEqual(
    offsets([asm.ja('far'), ...far.slice(1), asm.label('far'), asm.exit()]).slice(0, 1),
    [32767],
  );
});

test('edited fields are checked when they are encoded', () => {
  const check = (edit: Partial<asm.Instruction>, message: RegExp): void => {
    assert.throws(() => asm.encode([asm.exit(), { ...asm.ldx('u32', r0, r1, 0), ...edit }]), message);
  };
  check(
    { offset: 40000 },
    /^RangeError: Cannot encode instruction 1 \(ldx\): ldx: offset must be .* not 40000$/,
  );
  check({ imm: 2 ** 31 }, /instruction 1 \(ldx\): ldx: immediate/);
  check({ dst: 16 }, /destination register must be .* not 16/);
  check({ src: -1 }, /source register/);
  check({ opcode: 256 }, /opcode must be/);
  check({ high: 1 }, /^TypeError: .*only a 64-bit immediate load/);
});

test('maps by object, by number and by name', () => {
  const map = { name: 'counters', fd: { value: 12 } };
  const items = [asm.loadMap(r1, map), asm.loadMapValue(r1, 'other', 4), asm.loadMap(r1, 3), asm.exit()];
  const names: string[] = [];
  const mapFd = (reference: string | asm.MapHandle): number =>
    typeof reference === 'object' ? reference.fd.value : names.push(reference) + 20;
  assert.deepEqual(
    asm.decode(asm.encode(items, { mapFd })).map(({ imm }) => imm),
    [12, 21, 3, 0],
  );
  assert.deepEqual(names, ['other']);
  assert.throws(
    () => asm.encode(items),
    /^TypeError: Cannot encode instruction 1 \(loadMapValue\): map "other" is/,
  );
  assert.equal(
    asm.disassemble(items),
    [
      '   0: (18) r1 = map[counters]',
      '   2: (18) r1 = map[other][0]+4',
      '   4: (18) r1 = map[fd:3]',
      '   6: (95) exit',
    ].join('\n'),
  );
});

test('a listing has slots, labels and source lines', () => {
  const source = { file: 'a.c', line: 3, column: 1, text: '  return x;' };
  const items = [
    { ...asm.loadImm64(r0, 1), source },
    { ...asm.jeq(r0, 0, 'out'), source },
    asm.ja('elsewhere'),
    asm.label('out'),
    asm.exit(),
  ];
  assert.equal(
    asm.disassemble(items),
    [
      '; return x;',
      '   0: (18) r0 = 0x1',
      '   2: (15) if r0 == 0x0 goto pc+1',
      '   3: (05) goto elsewhere',
      'out:',
      '   4: (95) exit',
    ].join('\n'),
  );
});

test('wrong and unknown options are refused by name', () => {
  const program = [asm.mov(r0, 1)];
  const bytes = asm.encode(program);
  for (const [call, message] of [
    [
      () => asm.encode(program, { byteorder: 'big' } as never),
      'encode: unknown option "byteorder" (did you mean "byteOrder"?)',
    ],
    [
      () => asm.encode(program, { byteOrder: 'Little' } as never),
      'encode: byteOrder must be "little" or "big", got "Little" (did you mean "little"?)',
    ],
    [() => asm.encode(program, { mapFd: 3 } as never), 'encode: mapFd must be a function, got 3'],
    [
      () => asm.decode(bytes, { sektion: 'xdp' } as never),
      'decode: unknown option "sektion" (did you mean "section"?)',
    ],
    [
      () => asm.decode(bytes, { byteOrder: 1 } as never),
      'decode: byteOrder must be "little" or "big", got 1',
    ],
    [() => asm.decode(bytes, { section: 1 } as never), 'decode: section must be a string, got 1'],
    [
      () => asm.disassemble(program, { references: 'numbr' } as never),
      'disassemble: references must be "name" or "number", got "numbr" (did you mean "number"?)',
    ],
    [
      () => asm.disassemble([], { mapname: String } as never),
      'disassemble: unknown option "mapname" (did you mean "mapName"?)',
    ],
    [() => asm.disassemble([], null as never), 'disassemble: options must be an object, got null'],
    [
      () => asm.formatInstruction(asm.exit(), { kfuncName: 'f' } as never),
      'formatInstruction: kfuncName must be a function, got "f"',
    ],
  ] as const) {
    assert.throws(call, { name: 'TypeError', message });
  }
});

test('a field that is a bigint is named', () => {
  const move = asm.mov(r0, 1);
  const fields = { dst: 'destination register', src: 'source register', offset: 'offset', imm: 'immediate' };
  for (const [field, text] of Object.entries(fields)) {
    assert.throws(() => asm.encode([{ ...move, [field]: 1n }]), {
      name: 'TypeError',
      message: `Cannot encode instruction 0 (mov): mov: ${text} must be a number, got 1n`,
    });
  }
});
