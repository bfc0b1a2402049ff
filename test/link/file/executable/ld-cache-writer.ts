/** Writes caches of the dynamic loader. */

export interface EntryInit {
  readonly name: string;
  readonly path: string;
  /** Default: a 64-bit x86 library of glibc. */
  readonly flags?: number;
  /** The index of its level in `levels`. */
  readonly level?: number;
}

export interface CacheInit {
  readonly entries: readonly EntryInit[];
  readonly levels?: readonly string[];
  readonly littleEndian?: boolean;
  /** Whether the format before it comes first, as in caches until glibc 2.31. */
  readonly old?: boolean;
}

const HEADER = 48;

export function ldCache({ entries, levels = [], littleEndian = true, old = false }: CacheInit): Uint8Array {
  const texts: number[] = [];
  const tables = HEADER + entries.length * 24;
  const add = (text: string): number => {
    const at = tables + texts.length;
    texts.push(...Buffer.from(`${text}\0`));
    return at;
  };
  const places = entries.map(({ name, path }) => [add(name), add(path)] as const);
  const levelPlaces = levels.map(add);
  while (texts.length % 4 !== 0) texts.push(0);
  const extensions = levels.length === 0 ? 0 : tables + texts.length;
  const bytes = new Uint8Array(tables + texts.length + (extensions === 0 ? 0 : 40 + levels.length * 4));
  const view = new DataView(bytes.buffer);
  const u32 = (at: number, value: number): void => view.setUint32(at, value, littleEndian);
  bytes.set(Buffer.from('glibc-ld.so.cache1.1'));
  u32(20, entries.length);
  u32(24, texts.length);
  bytes[28] = littleEndian ? 2 : 3;
  u32(32, extensions);
  for (const [index, { flags = 0x303, level }] of entries.entries()) {
    const at = HEADER + index * 24;
    const [name, path] = places[index] ?? [0, 0];
    for (const [place, value] of [flags, name, path, 0].entries()) u32(at + place * 4, value);
    if (level !== undefined) view.setBigUint64(at + 16, (1n << 62n) | BigInt(level), littleEndian);
  }
  bytes.set(texts, tables);
  if (extensions !== 0) {
    // Two sections: the name of the writer, which is empty here, and the levels.
    const words = [0xeaa42174, 2, 0, 0, 0, 0, 1, 0, extensions + 40, levels.length * 4, ...levelPlaces];
    for (const [index, word] of words.entries()) u32(extensions + index * 4, word);
  }
  if (!old) return bytes;
  const before = new Uint8Array(16 + 12 * 3 + 4);
  before.set(Buffer.from('ld.so-1.7.0\0'));
  new DataView(before.buffer).setUint32(12, 3, littleEndian);
  return Uint8Array.from([...before, ...bytes]);
}
