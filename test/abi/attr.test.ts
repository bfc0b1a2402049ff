import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ATTR_MAX_SIZE, type CommandAttrs, commands, encodeAttr, readAttr } from '../../src/abi/index.ts';
import { HOST_LITTLE_ENDIAN } from '../../src/bytes/index.ts';

const ADDRESS = 0x7fff_1234_5678;
const skip = HOST_LITTLE_ENDIAN ? false : 'the expected bytes are those of a little-endian machine';

function encode<C extends keyof CommandAttrs>(command: C, attr: CommandAttrs[C]): string {
  // What the buffer held before must not show in the result.
  const bytes = new Uint8Array(ATTR_MAX_SIZE + 8).fill(0xee);
  const size = encodeAttr(command, attr, new DataView(bytes.buffer, 4, ATTR_MAX_SIZE), () => ADDRESS);
  assert.equal(
    bytes.subarray(0, 4).every((byte) => byte === 0xee),
    true,
  );
  assert.equal(
    bytes.subarray(-4).every((byte) => byte === 0xee),
    true,
  );
  return Buffer.from(bytes.subarray(4, 4 + size))
    .toString('hex')
    .replace(/(.{8})(?=.)/g, '$1 ');
}

const zeros = (words: number): string => ' 00000000'.repeat(words);
const buffer = new Uint8Array(1);

test('attributes have the bytes the kernel expects, and end with the last field in use', { skip }, () => {
  const cases: readonly [string, string][] = [
    [encode('map_create', {}), ''],
    [encode('map_create', { map_type: 1, key_size: 4 }), '01000000 04000000'],
    [encode('map_create', { key_size: 4, map_type: undefined }), '00000000 04000000'],
    [encode('map_create', { map_name: 'abc' }), `00000000${zeros(6)} 61626300${zeros(3)}`],
    [encode('map_create', { map_token_fd: 7 }), `00000000${zeros(18)} 07000000`],
    [encode('map_create', { map_token_fd: -1 }), `00000000${zeros(18)} ffffffff`],
    [encode('prog_load', { prog_token_fd: 5 }), `00000000${zeros(35)} 05000000`],
    [encode('btf_load', { btf: buffer, btf_token_fd: 5 }), `78563412 ff7f0000${zeros(7)} 05000000`],
    [encode('btf_get_fd_by_id', { btf_id: 3, fd_by_id_token_fd: 5 }), '03000000 00000000 00000000 05000000'],
    [encode('token_create', { bpffs_fd: 9 }), '00000000 09000000'],
    [encode('map_lookup_elem', { map_fd: 3, key: buffer }), '03000000 00000000 78563412 ff7f0000'],
    [
      encode('map_get_next_key', { map_fd: 3, next_key: 1 }),
      '03000000 00000000 00000000 00000000 01000000 00000000',
    ],
    [
      encode('map_update_elem', { map_fd: 3, flags: 0xffff_ffff_ffff_ffffn }),
      `03000000${zeros(5)} ffffffff ffffffff`,
    ],
    [encode('map_lookup_elem', { map_fd: 0, flags: 2 ** 53 - 1 }), `00000000${zeros(5)} ffffffff ffff1f00`],
    [encode('map_lookup_elem', { map_fd: 0, flags: -1n }), `00000000${zeros(5)} ffffffff ffffffff`],
    [
      encode('link_create', { prog_fd: 1, attach_type: 2, tracing: { cookie: 3n } }),
      '01000000 00000000 02000000 00000000 00000000 00000000 03000000 00000000',
    ],
    [
      encode('link_create', { prog_fd: 1, netfilter: { pf: 2, hooknum: 1, priority: -5 } }),
      '01000000 00000000 00000000 00000000 02000000 01000000 fbffffff',
    ],
    [encode('link_create', { prog_fd: 1, kprobe_multi: {} }), '01000000'],
    [
      encode('obj_get_info_by_fd', { bpf_fd: 3, info_len: 8, info: buffer }),
      '03000000 08000000 78563412 ff7f0000',
    ],
    [encode('obj_get', { path_fd: -100 }), `00000000${zeros(3)} 9cffffff`],
    [encode('prog_query', { target_ifindex: 2, revision: 0 }), `02000000${zeros(15)}`],
  ];
  for (const [actual, expected] of cases) assert.equal(actual, expected);
});

test('every command has attributes, and none is larger than the largest', () => {
  for (const command of commands.names) {
    const view = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));
    assert.equal(
      encodeAttr(command, {}, view, () => 0),
      0,
      command,
    );
  }
});

test('wrong values are refused and named', () => {
  const refuse = (attr: object, name: string, message: RegExp): void => {
    const view = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));
    assert.throws(() => encodeAttr('map_create', attr, view, () => 0), { name, message });
  };
  refuse({ map_typ: 1 }, 'TypeError', /has no field "map_typ" \(did you mean "map_type"/);
  refuse({ constructor: 1 }, 'TypeError', /has no field "constructor"/);
  refuse({ map_type: '1' }, 'TypeError', /map_type must be a number, got "1"/);
  refuse({ map_type: -1 }, 'RangeError', /from 0 to 4294967295, got -1/);
  refuse({ map_type: 2 ** 32 }, 'RangeError', /got 4294967296/);
  refuse({ map_type: 1.5 }, 'RangeError', /got 1.5/);
  refuse({ map_token_fd: 2 ** 31 }, 'RangeError', /to 2147483647/);
  refuse({ map_extra: -1 }, 'RangeError', /or a bigint, got -1/);
  refuse({ map_extra: 2 ** 53 }, 'RangeError', /got 9007199254740992/);
  refuse({ map_extra: 1n << 64n }, 'RangeError', /must fit 64 bits/);
  refuse({ map_extra: '1' }, 'TypeError', /a number, a bigint or a Uint8Array/);
  refuse({ map_extra: null }, 'TypeError', /got null/);
  refuse({ map_name: 'sixteen letters!' }, 'RangeError', /holds 15 bytes, got 16/);
  refuse({ map_name: 'ääääääää' }, 'RangeError', /holds 15 bytes, got 16/);
  refuse({ map_name: 5 }, 'TypeError', /a string or a Uint8Array/);
  const small = new DataView(new ArrayBuffer(64));
  assert.throws(() => encodeAttr('map_create', {}, small, () => 0), RangeError);
  assert.throws(() => encodeAttr('link_create', { tracing: 5 as never }, small, () => 0), TypeError);
});

test('fields the kernel fills are read back', () => {
  const view = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      (small, large) => {
        encodeAttr('prog_test_run', { retval: small, data_in: large, duration: 7 }, view, () => 0);
        assert.equal(readAttr('prog_test_run', 'retval', view), small);
        assert.equal(readAttr('prog_test_run', 'data_in', view), large);
        encodeAttr('map_create', { map_token_fd: small | 0, map_extra: large }, view, () => 0);
        assert.equal(readAttr('map_create', 'map_token_fd', view), small | 0);
        assert.equal(readAttr('map_create', 'map_extra', view), large);
      },
    ),
  );
  assert.throws(() => readAttr('map_create', 'map_name', view), TypeError);
});
