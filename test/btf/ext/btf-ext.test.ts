import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { coreRelocationKinds, nameOrNumber } from '../../../src/abi/index.ts';
import { BtfBuilder, BtfExt, BtfTypes } from '../../../src/btf/index.ts';
import { ElfFile } from '../../../src/elf/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import { writeExt } from './ext-writer.ts';

/** BTF with some types, and with the strings that .BTF.ext refers to. */
const builder = new BtfBuilder();
for (const name of ['xdp', 'tc', 'file.c', 'int x;', '0:1', 'name']) builder.int(name, 4);

function offsetsOf(littleEndian: boolean): { types: BtfTypes; at: (text: string) => number } {
  const bytes = builder.encode({ littleEndian });
  const start = 24 + new DataView(bytes.buffer).getUint32(16, littleEndian);
  const strings = Buffer.from(bytes.subarray(start)).toString('latin1');
  return { types: BtfTypes.parse(bytes), at: (text) => strings.indexOf(`\0${text}\0`) + 1 };
}

test('what is written is read back, in both byte orders and with records of any size', () => {
  const record = fc.record({ offset: fc.nat(1000).map((n) => n * 8), a: fc.nat(0x3f_ffff), b: fc.nat(1023) });
  const block = fc.record({
    section: fc.constantFrom('xdp', 'tc'),
    records: fc.array(record, { maxLength: 5 }),
  });
  const blocks = fc.array(block, { maxLength: 3 });
  fc.assert(
    fc.property(blocks, fc.boolean(), fc.nat(3), fc.boolean(), (list, littleEndian, extra, longHeader) => {
      const { types, at } = offsetsOf(littleEndian);
      const part = (least: number, words: (r: { offset: number; a: number; b: number }) => number[]) => ({
        stride: least + extra * 4,
        blocks: list.map(({ section, records }) => ({ section: at(section), records: records.map(words) })),
      });
      const bytes = writeExt({
        littleEndian,
        headerLength: longHeader ? 40 : 32,
        functions: part(8, (r) => [r.offset, 1 + (r.a % 6)]),
        lines: part(16, (r) => [r.offset, at('file.c'), at('int x;'), (r.a << 10) | r.b]),
        relocations: part(16, (r) => [r.offset, 1 + (r.a % 6), at('0:1'), r.b % 16]),
      });
      const ext = BtfExt.parse(bytes, types);
      assert.equal(ext.littleEndian, littleEndian);
      for (const section of ['xdp', 'tc']) {
        const records = list.filter((b) => b.section === section).flatMap((b) => b.records);
        assert.deepEqual(
          ext.functions(section),
          records.map(({ offset, a }) => ({ offset, typeId: 1 + (a % 6) })),
        );
        assert.deepEqual(
          ext.lines(section).map((line) => JSON.parse(JSON.stringify(line))),
          records.map(({ offset, a, b }) => ({
            offset,
            fileOffset: at('file.c'),
            textOffset: at('int x;'),
            line: a,
            column: b,
            file: 'file.c',
            text: 'int x;',
          })),
        );
        assert.deepEqual(
          ext.relocations(section),
          records.map(({ offset, a, b }) => ({
            offset,
            kind: nameOrNumber(coreRelocationKinds, b % 16),
            typeId: 1 + (a % 6),
            access: '0:1',
          })),
        );
      }
      assert.deepEqual([...ext.sections].sort(), [...new Set(list.map((b) => b.section))].sort());
    }),
  );
});

test('a header from before CO-RE has no relocations', () => {
  const { types, at } = offsetsOf(true);
  const bytes = writeExt({
    littleEndian: true,
    headerLength: 24,
    functions: { stride: 8, blocks: [{ section: at('xdp'), records: [[0, 1]] }] },
    lines: { stride: 16, blocks: [] },
    relocations: { stride: 16, blocks: [] },
  });
  const ext = BtfExt.parse(bytes, types);
  assert.deepEqual(ext.functions('xdp'), [{ offset: 0, typeId: 1 }]);
  assert.deepEqual(ext.relocations('xdp'), []);
});

test('damage is a FormatError that says where, and nothing else', () => {
  const { types, at } = offsetsOf(true);
  const whole = writeExt({
    littleEndian: true,
    headerLength: 32,
    functions: {
      stride: 8,
      blocks: [
        {
          section: at('xdp'),
          records: [
            [0, 1],
            [8, 2],
          ],
        },
      ],
    },
    lines: { stride: 16, blocks: [{ section: at('tc'), records: [[0, at('file.c'), at('int x;'), 1025]] }] },
    relocations: { stride: 16, blocks: [{ section: at('xdp'), records: [[0, 1, at('0:1'), 0]] }] },
  });
  const readAll = (bytes: Uint8Array): void => {
    const ext = BtfExt.parse(bytes, types, { file: 'x.o' });
    for (const section of ext.sections) {
      ext.functions(section);
      ext.relocations(section);
      for (const line of ext.lines(section)) JSON.stringify(line);
    }
  };
  readAll(whole);
  const edges = [0, 1, 3, 7, 8, 0x7fff_ffff, 0xffff_fff8, 0xffff_ffff];
  for (let word = 0; word < whole.length / 4; word++) {
    for (const value of edges) {
      const bytes = whole.slice();
      new DataView(bytes.buffer).setUint32(word * 4, value, true);
      try {
        readAll(bytes);
      } catch (error) {
        assert.ok(error instanceof FormatError, String(error));
        assert.match(error.message, /^x\.o, \.BTF\.ext, offset \d+: /);
      }
    }
  }
  for (let length = 0; length < whole.length; length++) {
    assert.throws(() => readAll(whole.subarray(0, length)), FormatError);
  }
});

test('both byte orders of an object say the same', () => {
  for (const name of ['core-shapes', 'core-kernel']) {
    for (const compiler of ['clang14', 'clang19']) {
      const [little, big] = ['el', 'eb'].map((order) => {
        const file = join('test/fixtures/compiled', `${name}.${order}.${compiler}.o`);
        const elf = ElfFile.parse(new Uint8Array(readFileSync(file)), { file });
        const [btf, ext] = ['.BTF', '.BTF.ext'].map((section) => elf.section(section)?.data);
        assert.ok(btf !== undefined && ext !== undefined);
        const parsed = BtfExt.parse(ext, BtfTypes.parse(btf));
        return parsed.sections.map((section) => ({
          section,
          functions: parsed.functions(section).length,
          accesses: parsed
            .relocations(section)
            .map(({ kind, access }) => `${kind} ${access}`)
            .sort(),
        }));
      });
      assert.deepEqual(
        little?.map(({ section }) => section),
        big?.map(({ section }) => section),
      );
      assert.ok(little?.some(({ accesses }) => accesses.length > 2));
    }
  }
});
