import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { objectContext } from '../../../src/collection/spec/context.ts';
import { ElfFile } from '../../../src/elf/index.ts';
import { elfFile, strings, symbolTable } from '../../elf/elf-writer.ts';
import { fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const PACKET = { data: new Uint8Array(64) };
const file = fixture('linked.el.clang19.o');

test('what two files call alike has the place as well, but for the first and for what is global', () => {
  const { variables, functions, maps } = CollectionSpec.loadSync(file);
  assert.deepEqual(
    Object.values(variables).map(({ name, map, offset }) => [name, map, offset]),
    [
      ['seen', '.bss', 0],
      ['apart', '.bss', 4],
      ['total', '.bss', 8],
      ['seen@.bss+12', '.bss', 12],
      ['total@.bss+16', '.bss', 16],
      ['start', '.data', 0],
      ['both', '.data', 4],
      ['apart@.data+16', '.data', 16],
      ['start@.data+20', '.data', 20],
      ['both@.data+24', '.data', 24],
      ['limit', '.rodata', 0],
      ['limit@.rodata+4', '.rodata', 4],
    ],
  );
  assert.deepEqual(Object.keys(functions), ['helper', 'helper@.text+24']);
  assert.deepEqual(Object.keys(maps), ['.bss', '.data', '.rodata']);
});

test(
  'each program of a linked object has the variables and functions of its own file',
  needsLoading(),
  () => {
    using collection = Collection.loadSync(file, {
      variables: { 'limit@.rodata+4': 300, 'seen@.bss+12': 5 },
    });
    const { programs, variables, btf } = collection;
    assert.equal(collection.btfProblem, undefined, 'the kernel takes the types');
    assert.ok(btf !== undefined);
    assert.equal(programs.one?.testRun(PACKET).returnValue, 2 + 1 + 100);
    assert.equal(programs.two?.testRun(PACKET).returnValue, 3 + 2 + 300);
    assert.equal(programs.two?.testRun(PACKET).returnValue, 3 + 2 + 300);
    const value = (name: string): unknown => variables[name]?.get();
    assert.deepEqual(['seen', 'seen@.bss+12'].map(value), [1, 2005]);
    assert.deepEqual(['apart', 'apart@.data+16'].map(value), [2, 4007]);
    assert.deepEqual(['total', 'total@.bss+16'].map(value), [10, 40], 'the global one keeps its name');
    assert.deepEqual(['both', 'both@.data+24'].map(value), [{ first: 1, second: 2 }, { both: 3n }]);
    variables['start@.data+20']?.set(1);
    programs.two?.testRun(PACKET);
    assert.equal(value('total@.bss+16'), 41);
  },
);

test('static maps of one name', needsLoading(), () => {
  using collection = Collection.loadSync(fixture('linked-maps.el.clang19.o'));
  const { maps, programs } = collection;
  assert.deepEqual(Object.keys(maps), ['slots', 'slots@.maps+32']);
  collection.map('slots', 'array').set(0, 7n);
  collection.map('slots@.maps+32', 'array').set(0, 8);
  assert.equal(programs.one?.testRun(PACKET).returnValue, 7);
  assert.equal(programs.two?.testRun(PACKET).returnValue, 8);
});

test('names of one kind only are told apart, and names that are not static stay', () => {
  const names = strings('same', 'lonely');
  const [same = 0, lonely = 0] = names.offsets;
  const [LOCAL_FUNCTION, LOCAL_OBJECT, GLOBAL_OBJECT] = [0x02, 0x01, 0x11];
  const symbols = [
    { name: same, info: LOCAL_OBJECT, section: 2, value: 8 },
    { name: same, info: LOCAL_OBJECT, section: 2, value: 0 },
    { name: same, info: GLOBAL_OBJECT, section: 2, value: 16 },
    { name: same, info: LOCAL_FUNCTION, section: 1, value: 0 },
    { name: same, info: LOCAL_FUNCTION, section: 1, value: 8 },
    { name: lonely, info: LOCAL_OBJECT, section: 2, value: 24 },
    { name: lonely, info: LOCAL_FUNCTION, section: 1, value: 16 },
    { name: lonely, info: 0x03, section: 2 },
  ];
  const bytes = elfFile([
    { name: '.text', flags: 6, data: new Uint8Array(24) },
    { name: '.data', flags: 3, data: new Uint8Array(32) },
    { name: '.symtab', type: 2, data: symbolTable([{}, ...symbols]), link: 4, entrySize: 24 },
    { name: '.strtab', type: 3, data: names.data },
  ]);
  const { names: own } = objectContext(ElfFile.parse(bytes), undefined);
  assert.deepEqual(
    [...own].map(([{ index }, name]) => [index, name]),
    [
      [5, 'same@.text+8'],
      [2, 'same@.data+0'],
      [1, 'same@.data+8'],
    ],
  );
});
