import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import { elfFile, strings, symbolTable } from '../../elf/elf-writer.ts';
import { fixture, fixtures, stripped } from '../fixture.ts';

const refused = (message: RegExp) => (error: Error) => {
  assert.ok(error instanceof FormatError);
  assert.match(error.message, message);
  return true;
};

test('an object stripped of its symbol table is refused, with what to do', async () => {
  const message = /^its symbol table was stripped, so its programs and maps cannot be found: compile it/;
  for (const name of fixtures()) {
    const bytes = stripped(name);
    assert.throws(() => CollectionSpec.parse(bytes), refused(message), name);
    await assert.rejects(Collection.load(bytes), refused(message), name);
  }
});

test('a file without sections is refused', () => {
  const bytes = Uint8Array.from(readFileSync(fixture('tiny.el.clang19.o')));
  new DataView(bytes.buffer).setBigUint64(40, 0n, true);
  assert.throws(() => CollectionSpec.parse(bytes), refused(/^it has no sections: they were stripped/));
});

/** An object with one section of instructions, and symbols of this type in it. */
function object(info: number, ...words: string[]): Uint8Array {
  const names = strings(...words);
  const symbols = names.offsets.map((name) => ({ name, info, section: 1 }));
  return elfFile([
    { name: 'xdp', flags: 6, data: Uint8Array.of(0x95, 0, 0, 0, 0, 0, 0, 0) },
    { name: '.symtab', type: 2, data: symbolTable([{}, ...symbols]), link: 3, entrySize: 24 },
    { name: '.strtab', type: 3, data: names.data },
  ]);
}

test('instructions that no function has are no empty object', () => {
  assert.throws(
    () => CollectionSpec.parse(object(0)),
    refused(/^xdp: it holds instructions, but no symbol says which functions they are: compile it again/),
  );
  assert.throws(
    () => CollectionSpec.parse(object(0x10, 'main')),
    refused(/but "main" is not a function: add .type main, @function and \.size$/),
  );
});

test('an object with nothing in it has nothing in it', () => {
  const { programs, maps, functions, variables } = CollectionSpec.parse(
    elfFile([
      { name: '.text', flags: 6 },
      { name: '.symtab', type: 2, data: symbolTable([{}]), link: 3, entrySize: 24 },
      { name: '.strtab', type: 3, data: strings().data },
    ]),
  );
  assert.deepEqual([programs, maps, functions, variables].map(Object.keys), [[], [], [], []]);
});
