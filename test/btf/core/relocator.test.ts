import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtfBuilder, BtfTypes, CoreRelocator } from '../../../src/btf/index.ts';
import { ByteWriter } from '../../../src/bytes/index.ts';
import { RelocationError } from '../../../src/errors/index.ts';
import { relocation, types, valueOn } from './kernel.ts';

/** `struct s { int a; int b; }` */
const local = types((btf) => {
  const int = btf.int('int', 4, 'signed');
  btf.struct('s', 8, [
    { name: 'a', type: int, offset: 0 },
    { name: 'b', type: int, offset: 4 },
  ]);
  btf.enum('e', [
    { name: 'ONE', value: 1 },
    { name: 'TWO', value: 2 },
  ]);
  btf.struct('s___v1', 4, [{ name: 'old', type: int, offset: 0 }]);
  const array = btf.array(int, 4, int);
  btf.struct('with_array', 16, [{ name: 'list', type: array, offset: 0 }]);
});

/** A kernel with these members in `struct s`, 4 bytes each. */
function kernel(members: readonly string[], more?: (btf: BtfBuilder, int: number) => void): BtfTypes {
  return types((btf) => {
    const int = btf.int('int', 4, 'signed');
    btf.struct(
      's',
      members.length * 4,
      members.map((name, i) => ({ name, type: int, offset: i * 4 })),
    );
    more?.(btf, int);
  });
}

test('a field is found where the kernel has it', () => {
  const target = kernel(['new', 'b', 'a']);
  assert.equal(valueOn(local, target, 's', 'field_byte_offset', '0:0'), 8n);
  assert.equal(valueOn(local, target, 's', 'field_byte_offset', '0:1'), 4n);
  assert.equal(valueOn(local, target, 's', 'field_byte_offset', '2:1'), 28n);
  assert.equal(valueOn(local, target, 's', 'field_byte_size', '0:1'), 4n);
  assert.equal(valueOn(local, target, 's', 'field_signed', '0:1'), 1n);
  assert.equal(valueOn(local, target, 's', 'field_rshift_u64', '0:1'), 32n);
  assert.equal(valueOn(local, target, 's', 'field_lshift_u64', '0:1'), 32n);
  assert.equal(valueOn(local, target, 's', 'field_exists', '0:1'), 1n);
  assert.equal(valueOn(local, target, 's', 'type_size'), 12n);
  assert.equal(valueOn(local, target, 's', 'type_id_target'), 2n);
  assert.equal(valueOn(local, target, 's', 'type_id_local'), 2n);
});

test('what is missing is 0 where that can be asked, and not to be run elsewhere', () => {
  const target = kernel(['b']);
  assert.equal(valueOn(local, target, 's', 'field_exists', '0:0'), 0n);
  assert.equal(valueOn(local, target, 's', 'field_byte_offset', '0:0'), undefined);
  assert.equal(valueOn(local, target, 'e', 'type_exists'), 0n);
  assert.equal(valueOn(local, target, 'e', 'type_size'), 0n);
  assert.equal(valueOn(local, target, 'e', 'type_id_target'), 0n);
  assert.equal(valueOn(local, target, 'e', 'enumval_exists', '1'), 0n);
  assert.equal(valueOn(local, target, 'e', 'enumval_value', '1'), undefined);
});

test('the error behind it names the path in C, and each candidate with its reason', () => {
  const target = kernel(['b'], (btf, int) => {
    const pointer = btf.ptr(int);
    btf.struct('s___two', 8, [{ name: 'a', type: pointer, offset: 0 }]);
  });
  const error = new CoreRelocator(local, target)
    .resolve(relocation(local, 's', 'field_byte_offset', '0:0'))
    .error();
  assert.ok(error instanceof RelocationError);
  assert.equal(error.code, 'ERR_BPF_RELOCATION');
  assert.equal(error.path, 'struct s::a (0:0)');
  assert.deepEqual(error.candidates, [
    { name: 'struct s', typeId: 2, problem: 'no member "a"' },
    { name: 'struct s___two', typeId: 4, problem: 'member "a" is int * instead of int' },
  ]);
  assert.equal(
    error.message,
    'Cannot relocate field_byte_offset of struct s::a (0:0): no kernel type of that name has it: ' +
      'struct s (type 2): no member "a"; struct s___two (type 4): member "a" is int * instead of int',
  );
  const none = new CoreRelocator(local, target).resolve(relocation(local, 'e', 'enumval_value', '1')).error();
  assert.equal(
    none.message,
    'Cannot relocate enumval_value of enum e::TWO (1): the kernel has no type of that name',
  );
  assert.deepEqual(none.candidates, []);
});

test('flavours of either side do not matter to what is found', () => {
  const target = kernel(['a', 'old']);
  assert.equal(valueOn(local, target, 's___v1', 'field_byte_offset', '0:0'), 4n);
  const flavoured = types((btf) => {
    const int = btf.int('int', 4, 'signed');
    btf.struct('s___kernel', 8, [{ name: 'a', type: int, offset: 4 }]);
  });
  assert.equal(valueOn(local, flavoured, 's', 'field_byte_offset', '0:0'), 4n);
});

test('types of the same name that disagree are refused, and those that agree are not', () => {
  const second = (offset: number): BtfTypes =>
    kernel(['a'], (btf, int) => {
      btf.struct('s', 64, [{ name: 'a', type: int, offset }]);
    });
  assert.equal(valueOn(local, second(0), 's', 'field_byte_offset', '0:0'), 0n);
  assert.throws(() => valueOn(local, second(4), 's', 'field_byte_offset', '0:0'), {
    name: 'RelocationError',
    message:
      'Cannot relocate field_byte_offset of struct s::a (0:0): ambiguous: struct s (type 2) has it at bit 0, type 3 at bit 32',
  });
});

test('types that did not do for one relocation are not tried for the next, as in libbpf', () => {
  const target = kernel(['a', 'b'], (btf, int) => {
    btf.struct('s', 8, [{ name: 'b', type: int, offset: 0 }]);
  });
  const relocator = new CoreRelocator(local, target);
  const [a, b] = ['0:0', '0:1'].map((access) => relocation(local, 's', 'field_byte_offset', access));
  assert.ok(a !== undefined && b !== undefined);
  assert.equal(relocator.resolve(a).value, 0n);
  assert.equal(relocator.resolve(b).value, 4n);
  assert.throws(() => new CoreRelocator(local, target).resolve(b), /ambiguous/);
});

/** The BTF of a module that adds `enum e { TWO = 22 }` to a kernel. The kernel has both names already. */
function moduleOf(kernel: Uint8Array, base: BtfTypes): BtfTypes {
  const at = (name: string): number =>
    Buffer.from(kernel).indexOf(`\0${name}\0`, stringsStart) + 1 - stringsStart;
  const view = new DataView(kernel.buffer, kernel.byteOffset);
  const stringsStart = 24 + view.getUint32(16, true);
  const bytes = new ByteWriter()
    .u16(0xeb9f)
    .u8(1)
    .u8(0)
    .u32(24)
    .u32(0)
    .u32(20)
    .u32(20)
    .u32(1)
    .u32(at('e'))
    .u32((6 << 24) | 1)
    .u32(4)
    .u32(at('TWO'))
    .u32(22)
    .u8(0)
    .toBytes();
  return BtfTypes.parse(bytes, { base });
}

test('modules are asked for what the kernel itself has not', () => {
  const builder = new BtfBuilder();
  const int = builder.int('int', 4, 'signed');
  builder.struct('s', 4, [{ name: 'a', type: int, offset: 0 }]);
  builder.enum('other', [{ name: 'TWO', value: 2 }]);
  builder.typedef('e', int);
  const bytes = builder.encode({ littleEndian: true });
  const target = BtfTypes.parse(bytes);
  let asked = 0;
  const modules = (): BtfTypes[] => {
    asked++;
    return [moduleOf(bytes, target)];
  };
  const relocator = new CoreRelocator(local, target, { modules });
  assert.equal(relocator.resolve(relocation(local, 's', 'field_byte_offset', '0:0')).value, 0n);
  assert.equal(asked, 0);
  assert.equal(relocator.resolve(relocation(local, 'e', 'enumval_value', '1')).value, 22n);
  assert.equal(asked, 1);
});

test('a field of another size says so, and whether an instruction may be widened', () => {
  const sized = (size: number, encoding: 'signed' | 'unsigned'): BtfTypes =>
    types((btf) => {
      btf.struct('s', 16, [{ name: 'n', type: btf.int('number', size, encoding), offset: 8 }]);
    });
  const resizeOn = (own: BtfTypes, target: BtfTypes): unknown =>
    new CoreRelocator(own, target).resolve(relocation(own, 's', 'field_byte_offset', '0:0')).resize;
  assert.deepEqual(resizeOn(sized(4, 'unsigned'), sized(8, 'unsigned')), { from: 4, to: 8, safe: true });
  assert.deepEqual(resizeOn(sized(4, 'signed'), sized(8, 'unsigned')), { from: 4, to: 8, safe: false });
  assert.equal(resizeOn(sized(4, 'signed'), sized(4, 'unsigned')), undefined);
});

test('pointers of 32-bit kernels have four bytes', () => {
  const withPointer = (long: number): BtfTypes =>
    types((btf) => {
      btf.int('long int', long, 'signed');
      btf.struct('s', 16, [{ name: 'p', type: btf.ptr(0), offset: 0 }]);
    });
  const own = withPointer(8);
  const resolution = new CoreRelocator(own, withPointer(4)).resolve(
    relocation(own, 's', 'field_byte_offset', '0:0'),
  );
  assert.deepEqual(resolution.resize, { from: 8, to: 4, safe: true });
  assert.equal(valueOn(own, withPointer(4), 's', 'field_byte_size', '0:0'), 4n);
});

test('what is malformed is refused', () => {
  const target = kernel(['a']);
  const refused = (
    name: string,
    kind: Parameters<typeof relocation>[2],
    access: string,
    problem: RegExp,
  ): void => {
    assert.throws(() => valueOn(local, target, name, kind, access), {
      name: 'RelocationError',
      message: problem,
    });
  };
  refused('s', 'field_byte_offset', '', /the access string is malformed/);
  refused('s', 'field_byte_offset', '0:', /the access string is malformed/);
  refused('s', 'field_byte_offset', '-1', /the access string is malformed/);
  refused('s', 'field_byte_offset', '0:2', /struct s has 2 members, not 3/);
  refused('s', 'field_byte_offset', '0:0:0', /a int has no parts/);
  refused('s', 'field_byte_offset', Array(65).fill('0').join(':'), /65 levels, more than 64/);
  refused('with_array', 'field_byte_offset', '0:0:4', /an array of 4 has no element 4/);
  refused('with_array', 'field_signed', '0:0:1', /only fields of structs and unions/);
  refused('s', 'type_exists', '1', /access string of a type must be 0/);
  refused('e', 'enumval_value', '2', /no such enum value/);
  refused('e', 'enumval_value', '0:0', /no such enum value/);
  refused('s', 'enumval_value', '0', /no such enum value/);
  refused('s', '99', '0', /Cannot relocate kind 99 of struct s \(0\): this kind of relocation is unknown/);
});
