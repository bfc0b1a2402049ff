/** Finds BPF objects, both as separate files and as images inside programs and libraries. */
import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EM_BPF } from '../../src/elf/index.ts';

const MAGIC = Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2]);
const HEADER = 64;

/** An object, and where it was found. */
export interface FoundObject {
  /**
   * The path of the file relative to the searched folder, and the offset in the file if the object is only a part of
   * it.
   */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The length of the ELF image that begins here, according to its headers. 0 if it is not an image for BPF. */
function imageLength(bytes: Buffer): number {
  if (bytes.length < HEADER || bytes[6] !== 1) return 0;
  const little = bytes[5] === 1;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint16(16, little) !== 1 || view.getUint16(18, little) !== EM_BPF) return 0;
  const wide = (at: number): number => Number(view.getBigUint64(at, little));
  const table = wide(40);
  const count = view.getUint16(60, little);
  let end = table + HEADER * count;
  for (let i = 0; i < count && end <= bytes.length; i++) {
    const header = table + HEADER * i;
    const inFile = view.getUint32(header + 4, little) !== 8;
    if (inFile) end = Math.max(end, wide(header + 24) + wide(header + 32));
  }
  return end <= bytes.length ? end : 0;
}

function objectsIn(bytes: Buffer, name: string): FoundObject[] {
  const found: FoundObject[] = [];
  for (let at = bytes.indexOf(MAGIC); at !== -1; at = bytes.indexOf(MAGIC, at + 1)) {
    const length = imageLength(bytes.subarray(at));
    if (length === 0) continue;
    const image = new Uint8Array(bytes.subarray(at, at + length));
    found.push({ name: at === 0 ? name : `${name}+0x${at.toString(16)}`, bytes: image });
  }
  return found;
}

/** Finds all BPF objects below a folder. Leaves out copies. */
export function findObjects(folder: string): FoundObject[] {
  const known = new Set<string>();
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .filter((name) => lstatSync(join(folder, name)).isFile())
    .flatMap((name) => objectsIn(readFileSync(join(folder, name)), name))
    .filter(({ bytes }) => {
      const hash = createHash('sha256').update(bytes).digest('hex');
      const fresh = !known.has(hash);
      known.add(hash);
      return fresh;
    });
}
