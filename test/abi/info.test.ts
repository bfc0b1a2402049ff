import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  decodeBtfInfo,
  decodeLinkInfo,
  decodeMapInfo,
  decodeProgInfo,
  decodeTokenInfo,
  encodeInfoRequest,
  INFO_SIZES,
  linkTypes,
} from '../../src/abi/index.ts';
import { HOST_LITTLE_ENDIAN } from '../../src/bytes/index.ts';

const skip = HOST_LITTLE_ENDIAN ? false : 'the bytes are those of a little-endian machine';

/** A buffer of `size` bytes that begins with the given ones. */
function view(hex: string, size = 256): DataView {
  const bytes = new Uint8Array(size);
  bytes.set(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  return new DataView(bytes.buffer);
}

test('what an older kernel does not fill reads as zero', { skip }, () => {
  const map = view('01000000 02000000 04000000 08000000 0a000000 00000000 61626300', 40);
  const info = decodeMapInfo(map, 40);
  assert.equal(info.type, 1);
  assert.equal(info.max_entries, 10);
  assert.equal(info.name, 'abc');
  assert.equal(info.ifindex, 0);
  assert.equal(info.map_extra, 0n);
  assert.equal(decodeMapInfo(map, 8).key_size, 0);
  assert.equal(decodeMapInfo(map, 30).name, '');
});

test('program infos: tag, name and bit field', { skip }, () => {
  const hex = `06000000 07000000 0102030405060708 ${'00'.repeat(48)} ${'41'.repeat(16)} 00000000 01000000`;
  const info = decodeProgInfo(view(hex), 256);
  assert.deepEqual(info.tag, Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]));
  assert.equal(info.name, 'A'.repeat(16));
  assert.equal(info.gpl_compatible, 1);
  assert.equal(info.recursion_misses, 0n);
});

test('BTF and token infos', { skip }, () => {
  assert.equal(decodeBtfInfo(view(`${'00'.repeat(12)} 05000000`), 32).id, 5);
  assert.deepEqual(decodeTokenInfo(view('ff ffffff ffffffff 01'), 32), {
    allowed_cmds: 2n ** 64n - 1n,
    allowed_maps: 1n,
    allowed_progs: 0n,
    allowed_attachs: 0n,
  });
});

test('link infos hold the part of their own type only', { skip }, () => {
  const hex = (type: number): string =>
    `${type.toString(16).padStart(2, '0')}000000 02000000 03000000 00000000 04000000 05000000`;
  const xdp = decodeLinkInfo(view(hex(linkTypes.number('xdp'))), 64);
  assert.deepEqual(xdp, { type: 6, id: 2, prog_id: 3, xdp: { ifindex: 4 } });
  const tcx = decodeLinkInfo(view(hex(linkTypes.number('tcx'))), 64);
  assert.deepEqual(tcx.tcx, { ifindex: 4, attach_type: 5 });
  assert.equal(tcx.xdp, undefined);
  const unknown = decodeLinkInfo(view(hex(200)), 64);
  assert.deepEqual(unknown, { type: 200, id: 2, prog_id: 3 });
  const cgroup = decodeLinkInfo(view(hex(linkTypes.number('cgroup'))), 64);
  assert.deepEqual(cgroup.cgroup, { cgroup_id: 0x5_0000_0004n, attach_type: 0 });
});

test('perf event infos hold the part of their own event only', { skip }, () => {
  const hex = (type: string): string =>
    `07000000 02000000 03000000 00000000 ${type}000000 00000000 0010000000000000 05000000 06000000`;
  const uprobe = decodeLinkInfo(view(hex('02')), 64);
  assert.deepEqual(uprobe.perf_event, {
    type: 2,
    uprobe: { file_name: 0x1000n, name_len: 5, offset: 6, cookie: 0n, ref_ctr_offset: 0n },
  });
  assert.equal(decodeLinkInfo(view(hex('04')), 64).perf_event?.kprobe?.offset, 6);
  assert.deepEqual(decodeLinkInfo(view(hex('77')), 64).perf_event, { type: 0x77 });
});

test('requests set what the kernel shall fill, and ask for the whole structure', { skip }, () => {
  const buffer = view('ff'.repeat(232), 232);
  const ids = new Uint8Array(8);
  assert.equal(
    encodeInfoRequest('prog', { nr_map_ids: 2, map_ids: ids }, buffer, () => 0x1000),
    INFO_SIZES.prog,
  );
  const info = decodeProgInfo(buffer, INFO_SIZES.prog);
  assert.equal(info.nr_map_ids, 2);
  assert.equal(info.map_ids, 0x1000n);
  assert.equal(info.id, 0);
  const link = view('', INFO_SIZES.link);
  encodeInfoRequest('link', { raw_tracepoint: { tp_name: 0x2000, tp_name_len: 64 } }, link, () => 0);
  assert.equal(link.getUint32(16, true), 0x2000);
  assert.equal(link.getUint32(24, true), 64);
  assert.throws(() => encodeInfoRequest('map', { nope: 1 } as never, buffer, () => 0), TypeError);
});
