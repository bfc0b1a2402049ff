// depends on: kernel
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isLegacyMaps } from '../../../src/collection/spec/legacy-maps.ts';
import { ElfFile } from '../../../src/elf/index.ts';
import { fixture } from '../fixture.ts';

test('sections of old map definitions are known by the names that loaders gave them', () => {
  const elf = ElfFile.parse(readFileSync(fixture('tiny.el.clang19.o')));
  const [section] = elf.sections;
  assert.ok(section !== undefined);
  const isOne = (name: string, executable = false): boolean => isLegacyMaps({ ...section, name, executable });
  for (const name of ['maps', 'maps/events', 'lirc_mode2/maps']) assert.ok(isOne(name), name);
  for (const name of ['.maps', 'mapsy', 'lirc_mode2', '.data']) assert.ok(!isOne(name), name);
  assert.ok(!isOne('kprobe/maps', true), 'a program');
});
