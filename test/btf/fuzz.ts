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

/** Words that tend to lie at the edge of something. */
const EDGES = [
  0, 1, 3, 4, 0x7f, 0xff, 0xffff, 0x10000, 0xff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff,
];

/** A small, repeatable generator of random numbers (xorshift). */
function random(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

function mutate(blob: Uint8Array, next: (below: number) => number): Uint8Array {
  let bytes = blob.slice(0, next(10) === 0 ? next(blob.length) : blob.length);
  const view = new DataView(bytes.buffer);
  for (let changes = 1 + next(6); changes > 0 && bytes.length > 4; changes--) {
    const at = next(bytes.length - 3);
    const word = at & ~3;
    switch (next(6)) {
      case 0:
        bytes[at] = next(256);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << next(8));
        break;
      case 2:
        view.setUint32(word, EDGES[next(EDGES.length)] ?? 0, true);
        break;
      case 3: // a word that occurs elsewhere
        view.setUint32(word, view.getUint32(next(bytes.length - 3)));
        break;
      case 4: // the header, where most decisions are made
        view.setUint32(
          Math.min(next(6) * 4, bytes.length - 4),
          EDGES[next(EDGES.length)] ?? 0,
          next(2) === 0,
        );
        break;
      default:
        bytes.copyWithin(at, next(bytes.length), next(bytes.length));
    }
  }
  if (next(8) === 0) bytes = new Uint8Array([...bytes.subarray(0, 4), ...bytes]).subarray(4);
  return bytes;
}

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
