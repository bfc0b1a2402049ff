import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BtfBuilder, BtfTypes, printTypesAsC } from '../../../src/btf/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import { anyTypes } from '../arbitrary.ts';

function print(build: (btf: BtfBuilder) => unknown): string {
  const btf = new BtfBuilder();
  build(btf);
  return [...printTypesAsC(BtfTypes.parse(btf.encode()))].join('');
}

test('declarators of every form', () => {
  const cases: readonly [(btf: BtfBuilder, int: number) => number, string][] = [
    [(_, int) => int, 'int x'],
    [(btf, int) => btf.ptr(btf.modifier('const', int)), 'const int *x'],
    [(btf, int) => btf.modifier('const', btf.ptr(int)), 'int *const x'],
    [(btf) => btf.modifier('restrict', btf.ptr(0)), 'void *restrict x'],
    [(btf, int) => btf.array(btf.array(int, 3, int), 2, int), 'int x[2][3]'],
    [(btf, int) => btf.array(btf.ptr(int), 4, int), 'int *x[4]'],
    [(btf, int) => btf.ptr(btf.array(int, 4, int)), 'int (*x)[4]'],
    [(btf) => btf.ptr(btf.funcProto(0, [])), 'void (*x)(void)'],
    [
      (btf, int) =>
        btf.array(
          btf.ptr(
            btf.funcProto(btf.ptr(int), [
              { name: 'a', type: int },
              { name: '', type: 0 },
            ]),
          ),
          2,
          int,
        ),
      'int *(*x[2])(int, ...)',
    ],
    [
      (btf, int) => {
        const inner = btf.ptr(btf.funcProto(int, [{ name: '', type: btf.ptr(0) }]));
        return btf.ptr(btf.funcProto(inner, [{ name: 'f', type: inner }]));
      },
      'int (*(*x)(int (*)(void *)))(void *)',
    ],
    [(btf, int) => btf.ptr(btf.typeTag('user', int)), '__attribute__((btf_type_tag("user"))) int *x'],
    [(btf) => btf.float('double', 8), 'double x'],
    [(btf) => btf.int('u32', 4), 'unsigned int x'],
    [(btf) => btf.int('long unsigned int', 8), 'long unsigned int x'],
    // A long on a 32-bit machine.
    [(btf) => btf.int('long', 4, 'signed'), 'signed int x'],
  ];
  for (const [build, expected] of cases) {
    const text = print((btf) => btf.typedef('x', build(btf, btf.int('int', 4, 'signed'))));
    assert.equal(text, `typedef ${expected};\n`);
  }
});

test('what is needed comes first; pointers need a forward declaration only', () => {
  const text = print((btf) => {
    const int = btf.int('int', 4, 'signed');
    // 2: struct outer { struct inner in; list_t next; struct outer *again; }
    btf.struct('outer', 24, [
      { name: 'in', type: 3, offset: 0 },
      { name: 'next', type: 4, offset: 8 },
      { name: 'again', type: 7, offset: 16 },
    ]);
    btf.struct('inner', 4, [{ name: 'a', type: int }]);
    btf.typedef('list_t', btf.nextId + 1);
    btf.ptr(6);
    btf.struct('list', 8, [{ name: 'owner', type: 7 }]);
    btf.ptr(2);
  });
  assert.equal(
    text,
    [
      'struct inner {\n\tint a;\n};\n',
      'struct list;\n',
      'typedef struct list *list_t;\n',
      'struct outer {\n\tstruct inner in;\n\tlist_t next;\n\tstruct outer *again;\n};\n',
      'struct list {\n\tstruct outer *owner;\n};\n',
    ].join(''),
  );
});

test('layouts that C would not choose are written out', () => {
  const text = print((btf) => {
    const u8 = btf.int('unsigned char', 1);
    const u32 = btf.int('unsigned int', 4);
    const u64 = btf.int('unsigned long', 8);
    btf.struct('gaps', 16, [
      { name: 'a', type: u8, bitOffset: 0 },
      { name: 'b', type: u8, bitOffset: 32 },
      { name: 'bits', type: u32, bitOffset: 69, bitSize: 3 },
    ]);
    btf.struct('tight', 13, [
      { name: 'a', type: u8, offset: 0 },
      { name: 'b', type: u64, offset: 1 },
      { name: 'c', type: u32, offset: 9 },
    ]);
    btf.struct('page', 8192, [
      { name: 'a', type: u32, offset: 0 },
      { name: 'b', type: u32, offset: 4096 },
    ]);
    btf.union('wide', 24, [{ name: 'a', type: u64, offset: 0 }]);
    btf.struct('opaque', 8, []);
    btf.struct('overlapping', 8, [
      { name: 'a', type: u64, offset: 0 },
      { name: 'b', type: u32, offset: 4 },
    ]);
  });
  for (const expected of [
    'struct gaps {\n\tunsigned char a;\n\tlong : 24;\n\tunsigned char b;\n\tlong : 24;\n\tlong : 5;\n\tunsigned int bits : 3;\n\tlong : 56;\n};\n',
    'struct tight {\n\tunsigned char a;\n\tunsigned long b;\n\tunsigned int c;\n} __attribute__((packed));\n',
    'struct page {\n\tunsigned int a;\n\tunsigned int b __attribute__((aligned(4096)));\n};\n',
    'union wide {\n\tunsigned long a;\n\tunsigned char __padding0[24];\n};\n',
    'struct opaque {\n\tlong : 64;\n};\n',
    'struct overlapping {\n\tunsigned long a;\n\t/* b at bit 32 cannot be placed there in C */\n};\n',
  ]) {
    assert.ok(text.includes(expected), `${expected}\nis not in\n${text}`);
  }
});

test('members without a name but with a tag are written out', () => {
  const text = print((btf) => {
    const int = btf.int('int', 4, 'signed');
    const tagged = btf.struct('tagged', 8, [
      { name: 'a', type: int, offset: 0 },
      { name: 'b', type: int, offset: 4 },
    ]);
    btf.struct('outer', 12, [
      { name: '', type: tagged, offset: 0 },
      { name: 'c', type: int, offset: 8 },
    ]);
  });
  assert.equal(
    text,
    [
      'struct tagged {\n\tint a;\n\tint b;\n};\n',
      'struct outer {\n\tstruct {\n\t\tint a;\n\t\tint b;\n\t};\n\tint c;\n};\n',
    ].join(''),
  );
});

test('names that C cannot have, or that are taken, are changed', () => {
  const text = print((btf) => {
    const int = btf.int('int', 4, 'signed');
    btf.struct('same', 4, [{ name: 'register', type: int }]);
    btf.union('same', 4, [{ name: 'b', type: int }]);
    btf.forward('same', 'union');
    btf.struct('Vec<u8>', 4, [{ name: '0', type: int }]);
    btf.enum('e', [{ name: 'A', value: -1 }]);
    btf.enum('', [{ name: 'A', value: 2 }]);
    btf.typedef('A', int);
  });
  assert.equal(
    text,
    [
      'struct same {\n\tint register_;\n};\n',
      'union same___2 {\n\tint b;\n};\n',
      'struct Vec_u8_ {\n\tint _0;\n};\n',
      'enum e {\n\tA = -1,\n};\n',
      'enum {\n\tA___2 = 2,\n};\n',
      'typedef int A___3;\n',
    ].join(''),
  );
});

test('an anonymous enum used twice declares its names once', () => {
  const text = print((btf) => {
    const mode = btf.enum('', [{ name: 'ON', value: 1 }]);
    btf.struct('s', 8, [
      { name: 'a', type: mode, offset: 0 },
      { name: 'b', type: mode, offset: 4 },
    ]);
    btf.enum64('large', [
      { name: 'LOW', value: -(1n << 63n) },
      { name: 'HIGH', value: (1n << 63n) - 1n },
    ]);
    btf.enum64('small', [{ name: 'ONE', value: 1n }]);
  });
  assert.equal(
    text,
    [
      'enum {\n\tON = 1,\n};\n',
      'struct s {\n\tunsigned int a;\n\tunsigned int b;\n};\n',
      'enum large {\n\tLOW = (-9223372036854775807LL - 1),\n\tHIGH = 9223372036854775807ULL,\n};\n',
      'enum small {\n\tONE = 1,\n} __attribute__((mode(DI)));\n',
    ].join(''),
  );
});

test('only what is asked for is printed', () => {
  const base = new BtfBuilder();
  const int = base.int('int', 4, 'signed');
  base.struct('a', 4, [{ name: 'x', type: int }]);
  base.struct('b', 4, [{ name: 'y', type: int }]);
  const types = BtfTypes.parse(base.encode());
  assert.deepEqual([...printTypesAsC(types, { ids: [3] })], ['struct b {\n\tint y;\n};\n']);
  assert.throws(() => [...printTypesAsC(types, { ids: [99] })], RangeError);
});

test('whatever the types are, printing ends, with text or a FormatError', () => {
  fc.assert(
    fc.property(anyTypes, (list) => {
      const btf = new BtfBuilder();
      for (const type of list) btf.add(type);
      const types = BtfTypes.parse(btf.encode());
      for (let id = 1; id <= types.count; id++) {
        try {
          for (const text of printTypesAsC(types, { ids: [id] })) assert.ok(text.endsWith(';\n'));
        } catch (error) {
          if (!(error instanceof FormatError)) throw error;
        }
      }
    }),
    { numRuns: 300 },
  );
  assert.throws(
    () =>
      print((btf) => {
        let type = btf.struct('', 0, []);
        for (let i = 0; i < 40; i++) {
          type = btf.struct('', 0, [
            { name: 'a', type },
            { name: 'b', type },
          ]);
        }
        btf.typedef('t', type);
      }),
    FormatError,
  );
});
