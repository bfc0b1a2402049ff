/**
 * Damages BTF blobs at random, for as long as asked, and reads everything in them: the parser may answer
 * with a FormatError and with nothing else. Not part of `npm test`.
 *
 *     node dist/test/btf/fuzz.js [seconds] [seed]
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import fc from 'fast-check';
import { BtfBuilder, BtfTypes } from '../../src/btf/index.ts';
import { anyTypes } from './arbitrary.ts';
import { exhaust } from './exhaust.ts';
import { mutate, random } from './mutate.ts';

const seconds = Number(process.argv[2] ?? 60);
const seed = Number(process.argv[3] ?? Date.now());
const next = random(seed);
const kept = readdirSync(join('tools', 'abi')).filter((name) => name.endsWith('.btf.br'));
const seeds: Uint8Array[] = kept.map((name) =>
  brotliDecompressSync(readFileSync(join('tools', 'abi', name))),
);
for (const types of fc.sample(anyTypes, { numRuns: 200, seed })) {
  const builder = new BtfBuilder();
  for (const type of types) builder.add(type);
  seeds.push(builder.encode({ littleEndian: seeds.length % 2 === 0 }));
}
const base = BtfTypes.parse(seeds[0] ?? new BtfBuilder().encode());

console.log(`seed ${seed}, ${seeds.length} blobs, ${seconds} s`);
const end = Date.now() + seconds * 1000;
let runs = 0;
let longest = 0;
while (Date.now() < end) {
  const blob = mutate(seeds[next(seeds.length)] ?? new Uint8Array(), next);
  const start = process.cpuUsage();
  try {
    exhaust(blob);
    if (runs % 4 === 0) exhaust(blob, { base });
  } catch (error) {
    writeFileSync('fuzz-btf.bin', blob);
    console.error(`run ${runs}: the blob is in fuzz-btf.bin`);
    throw error;
  }
  longest = Math.max(longest, process.cpuUsage(start).user);
  runs++;
}
console.log(`${runs} blobs, the slowest took ${Math.round(longest / 1000)} ms of CPU`);
