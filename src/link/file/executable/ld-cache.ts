import { ByteReader } from '../../../bytes/index.ts';

/** A library in the cache of the dynamic loader. */
export interface CachedLibrary {
  readonly name: string;
  readonly path: string;
  /** What it is for: the kind of libc in the low byte, the processor in the next one. */
  readonly flags: number;
  /** The processor level that it is made for, such as `x86-64-v3`. `undefined` if it runs on all. */
  readonly level: string | undefined;
}

// sysdeps/generic/dl-cache.h of glibc
const OLD_MAGIC = 'ld.so-1.7.0\0';
const OLD_COUNT = 12;
const OLD_HEADER = 16;
const OLD_ENTRY = 12;
const MAGIC = 'glibc-ld.so.cache1.1';
const HEADER = 48;
const ENTRY = 24;
const ORDER = 28;
const BIG_ENDIAN = 3;
const EXTENSIONS_MAGIC = 0xeaa42174;
const EXTENSION_ENTRY = 16;
const LEVELS = 1;
/** The upper half of an entry's hardware word if the lower half is the index of a level's name. */
const HAS_LEVEL = 1 << 30;
/** No file name is longer. */
const LONGEST_NAME = 255;
const LONGEST_PATH = 4095;

const isAt = (bytes: Uint8Array, start: number, magic: string): boolean =>
  Buffer.from(bytes.subarray(start, start + magic.length)).toString('latin1') === magic;

/** Where the present format begins; `undefined` if it does not. Older caches begin with the format before it. */
function startOf(bytes: Uint8Array): number | undefined {
  if (isAt(bytes, 0, MAGIC)) return 0;
  if (!isAt(bytes, 0, OLD_MAGIC)) return undefined;
  // The old format does not say its byte order.
  return [true, false]
    .map((littleEndian) => {
      const count = new ByteReader(bytes, { littleEndian, section: 'ld.so.cache' }).seek(OLD_COUNT).u32();
      return Math.ceil((OLD_HEADER + count * OLD_ENTRY) / 8) * 8;
    })
    .find((start) => isAt(bytes, start, MAGIC));
}

/** A text of the cache. Its length is limited, because many entries may share one. */
function stringAt(reader: ByteReader, at: number, longest: number): string {
  reader.seek(at);
  const part = reader.bytes(Math.min(longest + 1, reader.remaining));
  const end = part.indexOf(0);
  if (end === -1) throw reader.error(`a text of more than ${longest} bytes, or without its end`, at);
  return Buffer.from(part.buffer, part.byteOffset, end).toString();
}

/** The names of the processor levels, which the entries name by index. */
function levelsOf(reader: ByteReader, start: number): (index: number) => string | undefined {
  if (start === 0) return () => undefined;
  if (reader.seek(start).u32() !== EXTENSIONS_MAGIC)
    throw reader.error('extensions with a wrong magic', start);
  let left = Math.min(reader.u32(), Math.floor(reader.remaining / EXTENSION_ENTRY));
  for (; left > 0; left--) {
    const [tag, , offset, size] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
    if (tag !== LEVELS) continue;
    return (index) =>
      index < size / 4 ? stringAt(reader, reader.seek(offset + index * 4).u32(), LONGEST_NAME) : undefined;
  }
  return () => undefined;
}

/**
 * The libraries in a cache of glibc's dynamic loader (/etc/ld.so.cache) whose names begin like this, in the file's
 * order.
 *
 * @throws FormatError if it is not such a cache, or if its tables or texts do not fit it
 */
export function librariesInCache(bytes: Uint8Array, beginning: string): CachedLibrary[] {
  const start = startOf(bytes);
  if (start === undefined || bytes.length - start < HEADER) {
    throw new ByteReader(bytes, { section: 'ld.so.cache' }).error(
      'it is not a cache of the dynamic loader',
      0,
    );
  }
  const cache = bytes.subarray(start);
  // Caches that were made before the file said its order come from machines like this one.
  const littleEndian = cache[ORDER] !== BIG_ENDIAN;
  const reader = new ByteReader(cache, { littleEndian, section: 'ld.so.cache', origin: start });
  const count = reader.seek(MAGIC.length).u32();
  if (count > (cache.length - HEADER) / ENTRY)
    throw reader.error(`${count} entries do not fit`, MAGIC.length);
  const extensions = reader.seek(32).u32();
  const begin = Buffer.from(beginning);
  let levels: ((index: number) => string | undefined) | undefined;
  const found: CachedLibrary[] = [];
  for (let index = 0; index < count; index++) {
    reader.seek(HEADER + index * ENTRY);
    const [flags, key, value] = [reader.u32(), reader.u32(), reader.u32()];
    if (key >= cache.length) throw reader.error(`a name at ${key}, outside the file`);
    // Most names are others. They are not made into texts.
    if (!begin.every((byte, at) => cache[key + at] === byte)) continue;
    const name = stringAt(reader, key, LONGEST_NAME);
    reader.seek(HEADER + index * ENTRY + 16);
    const words = [reader.u32(), reader.u32()];
    const [low = 0, high = 0] = littleEndian ? words : words.reverse();
    levels ??= levelsOf(reader, extensions);
    const level = (high & HAS_LEVEL) !== 0 ? levels(low) : undefined;
    found.push({ name, path: stringAt(reader, value, LONGEST_PATH), flags, level });
  }
  return found;
}
