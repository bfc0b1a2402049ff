/**
 * Damages the types, .BTF.ext and target types of the fixtures at random, for as long as asked, and relocates everything
 * in them: FormatError and RelocationError are answers, anything else is a bug. Not part of `npm test`.
 *
 *     node dist/test/btf/core/fuzz.js [seconds] [seed]
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BtfExt, BtfTypes, CoreRelocator } from '../../../src/btf/index.ts';
import { ElfFile } from '../../../src/elf/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import { mutate, random } from '../mutate.ts';
import { tryRelocation } from './try-relocation.ts';

const FOLDER = 'test/fixtures/compiled';
const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? Date.now());
const next = random(seed);

const objects = readdirSync(FOLDER)
  .filter((name) => name.startsWith('core-'))
  .map((name) => {
    const elf = ElfFile.parse(new Uint8Array(readFileSync(join(FOLDER, name))));
    const [btf, ext] = ['.BTF', '.BTF.ext'].map((section) => elf.section(section)?.data.slice());
    if (btf === undefined || ext === undefined) throw new Error(`${name} has no BTF`);
    return { btf, ext };
  });

/** Reads and relocates everything; how many relocations there were. */
function exhaust(btf: Uint8Array, ext: Uint8Array, target: Uint8Array): number {
  let count = 0;
  try {
    const types = BtfTypes.parse(btf);
    const parsed = BtfExt.parse(ext, types);
    const relocator = new CoreRelocator(types, BtfTypes.parse(target));
    for (const section of parsed.sections.slice(0, 50)) {
      parsed.functions(section);
      for (const line of parsed.lines(section).slice(0, 20)) JSON.stringify(line);
      for (const relocation of parsed.relocations(section)) {
        tryRelocation(relocator, relocation);
        count++;
      }
    }
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
  }
  return count;
}

console.log(`seed ${seed}, ${objects.length} objects, ${seconds} s`);
const end = Date.now() + seconds * 1000;
let runs = 0;
let relocations = 0;
let longest = 0;
while (Date.now() < end) {
  const { btf, ext } = objects[next(objects.length)] ?? { btf: new Uint8Array(), ext: new Uint8Array() };
  const damaged = 1 + next(7);
  const parts = [btf, ext, btf].map((part, i) => ((damaged >> i) & 1 ? mutate(part, next) : part)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const start = process.cpuUsage();
  try {
    relocations += exhaust(...parts);
  } catch (error) {
    for (const [i, part] of parts.entries()) writeFileSync(`fuzz-core-${i}.bin`, part);
    console.error(`run ${runs}: the parts are in fuzz-core-*.bin`);
    throw error;
  }
  longest = Math.max(longest, process.cpuUsage(start).user);
  runs++;
}
console.log(
  `${runs} runs, ${relocations} relocations, the slowest run took ${Math.round(longest / 1000)} ms of CPU`,
);
