import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtfBuilder, BtfTypes } from '../../../src/btf/index.ts';
import { HOST_LITTLE_ENDIAN } from '../../../src/bytes/index.ts';
import { type KconfigValue, writeKconfig } from '../../../src/collection/externs/kconfig-value.ts';

type Build = (btf: BtfBuilder) => number;

/** The bytes of a written value as hexadecimal digits, the highest first. */
function written(build: Build, value: KconfigValue): string {
  const btf = new BtfBuilder();
  const typeId = build(btf);
  const types = BtfTypes.parse(btf.encode());
  const bytes = new Uint8Array(types.sizeOf(typeId));
  writeKconfig({ types, typeId, bytes }, value);
  return Buffer.from(HOST_LITTLE_ENDIAN ? bytes.reverse() : bytes).toString('hex');
}

const bool: Build = (btf) => btf.int('_Bool', 1, 'bool');
const char: Build = (btf) => btf.int('char', 1, 'signed');
const short: Build = (btf) => btf.int('unsigned short', 2);
const int: Build = (btf) => btf.int('int', 4, 'signed');
const long: Build = (btf) => btf.int('long', 8, 'signed');
const tristate: Build = (btf) => btf.enum('libbpf_tristate', [{ name: 'TRI_NO', value: 0 }]);

test('values of the configuration become what libbpf makes of them', () => {
  const rows: readonly (readonly [Build, KconfigValue, string])[] = [
    ...([
      [bool, 'y', '01'],
      [bool, 'n', '00'],
      [bool, true, '01'],
      [bool, 1, '01'],
      [bool, 0, '00'],
    ] as const),
    ...([
      [char, 'm', '6d'],
      [char, 65, '41'],
      [char, -1, 'ff'],
    ] as const),
    ...([
      [tristate, 'n', '00000000'],
      [tristate, 'y', '00000001'],
      [tristate, 'm', '00000002'],
    ] as const),
    ...([
      [short, '0x10', '0010'],
      [int, '-5', 'fffffffb'],
      [int, 1, '00000001'],
    ] as const),
    // An address, which is too large for a signed 64-bit number.
    ...([
      [long, '0xdead000000000000', 'dead000000000000'],
      [long, -3n, 'fffffffffffffffd'],
    ] as const),
  ];
  for (const [build, value, hex] of rows) assert.equal(written(build, value), hex, String(value));
});

test('values that a type has no room for are refused', () => {
  const rows: readonly (readonly [Build, KconfigValue])[] = [
    ...([
      [bool, 'm'],
      [bool, 2],
      [bool, '"y"'],
      [tristate, 1],
      [int, 'y'],
      [short, 'text'],
    ] as const),
    ...([
      [short, 65536],
      [short, -1],
      [int, 2 ** 31],
      [char, 300],
      [long, '0x10000000000000000'],
    ] as const),
  ];
  for (const [build, value] of rows) {
    assert.throws(() => written(build, value), /^(TypeError|RangeError): its value/, String(value));
  }
});
