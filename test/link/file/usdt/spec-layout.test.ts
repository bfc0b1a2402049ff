import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codecOf } from '../../../../src/btf/index.ts';
import { CollectionSpec } from '../../../../src/collection/index.ts';
import type { UsdtLocation } from '../../../../src/link/file/usdt/locations.ts';
import { encodeSpec } from '../../../../src/link/file/usdt/spec-layout.ts';
import { fixture } from '../../../collection/fixture.ts';

const LOCATIONS: readonly UsdtLocation[] = [
  { size: 4, signed: true, place: { kind: 'constant', value: -9n } },
  { size: 1, signed: false, place: { kind: 'register', register: 112 } },
  {
    size: 2,
    signed: true,
    place: { kind: 'memory', register: 32, index: undefined, scale: 1, offset: -16n },
  },
];
const INDEXED: UsdtLocation = {
  ...{ size: 8, signed: false },
  place: { kind: 'memory', register: 32, index: 80, scale: 4, offset: 24n },
};

/** A spec as the types of an object describe it. */
function decoded(object: string, bytes: Uint8Array): { readonly args: object[] } {
  const { btf } = CollectionSpec.loadSync(fixture(`${object}.el.clang19.o`));
  const type = btf?.byName('__bpf_usdt_spec', 'struct');
  assert.ok(btf !== undefined && type !== undefined);
  const codec = codecOf(btf, type.id);
  assert.equal(codec.size, bytes.length, object);
  return codec.decode(new DataView(bytes.buffer), 0) as { args: object[] };
}

const wanted = (value: bigint, type: string, register: number, signed: boolean, shift: number): object => ({
  ...{ val_off: BigInt.asUintN(64, value), arg_type: `BPF_USDT_ARG_${type}`, reg_off: register },
  ...{ arg_signed: signed, arg_bitshift: shift },
});
const EXPECTED = [
  wanted(-9n, 'CONST', 0, true, 32),
  wanted(0n, 'REG', 112, false, 56),
  wanted(-16n, 'REG_DEREF', 32, true, 48),
];
const EMPTY = wanted(0n, 'CONST', 0, false, 0);

test('a spec is what the types of the older object say', () => {
  assert.deepEqual(decoded('usdt', encodeSpec(208, LOCATIONS, 2n ** 64n - 1n)), {
    args: [...EXPECTED, ...Array.from({ length: 9 }, () => EMPTY)],
    usdt_cookie: 2n ** 64n - 1n,
    arg_cnt: 3,
  });
});

test('a spec is what the types of the newer object say', () => {
  const plain = { idx_reg_off: 0, scale_bitshift: 0, __reserved: 0 };
  const indexed = { idx_reg_off: 80, scale_bitshift: 2, __reserved: 0 };
  assert.deepEqual(decoded('usdt-newer', encodeSpec(304, [...LOCATIONS, INDEXED], 7)), {
    args: [
      ...EXPECTED.map((each) => ({ ...each, ...plain })),
      { ...wanted(24n, 'SIB', 32, false, 0), ...indexed },
      ...Array.from({ length: 8 }, () => ({ ...EMPTY, ...plain })),
    ],
    usdt_cookie: 7n,
    arg_cnt: 4,
  });
});

test('what a layout cannot hold', () => {
  const start = 'Cannot tell programs where the arguments of a USDT probe are: ';
  assert.throws(() => encodeSpec(208, [INDEXED], 0), {
    code: 'ERR_BPF_USDT_ARGUMENT',
    message: `${start}one is an element of an array, at an address with an index register: the object was compiled with a usdt.bpf.h that cannot read it: compile it with that of libbpf 1.7 or newer`,
  });
  const constant: UsdtLocation = { size: 1, signed: false, place: { kind: 'constant', value: 1n } };
  assert.throws(() => encodeSpec(304, new Array(13).fill(constant), 0), {
    code: 'ERR_BPF_USDT_ARGUMENT',
    message: `${start}it has 13, and usdt.bpf.h takes 12 (BPF_USDT_MAX_ARG_CNT)`,
  });
  assert.throws(() => encodeSpec(200, [], 0), {
    code: 'ERR_BPF_USDT_SPECS',
    message: `${start}values of its map of specs have 200 bytes, and this library knows those of 208 and 304 bytes: its usdt.bpf.h is of another version of libbpf`,
  });
});
