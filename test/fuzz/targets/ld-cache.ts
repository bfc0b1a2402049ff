import { FormatError } from '../../../src/errors/index.ts';
import { librariesInCache } from '../../../src/link/file/executable/ld-cache.ts';
import { ldCache } from '../../link/file/executable/ld-cache-writer.ts';
import { mutateBytes } from '../mutate/bytes.ts';
import { type Target, tolerate } from '../target.ts';

const EMPTY = new Uint8Array(0);

/** Caches of each byte order, with and without levels of processors, and with the format before this one. */
function caches(): Uint8Array[] {
  const entries = Array.from({ length: 8 }, (_, index) => ({
    name: `lib${'z'.repeat(index)}.so.${index}`,
    path: `/usr/lib/lib${index}.so`,
    flags: index % 2 === 0 ? 0x303 : 3,
  }));
  const levels = ['x86-64-v2', 'x86-64-v3'];
  const withLevels = entries.map((entry, index) => (index < 2 ? { ...entry, level: index } : entry));
  return [true, false].flatMap((littleEndian) =>
    [true, false].flatMap((old) => [
      ldCache({ entries, littleEndian, old }),
      ldCache({ entries: withLevels, levels, littleEndian, old }),
      ldCache({ entries: [], littleEndian, old }),
    ]),
  );
}

/** The cache of the dynamic loader. In a container, it is the container's. */
export const ldCaches: Target = {
  name: 'ld-cache',
  seeds: () => caches().map((cache) => [cache]),
  mutate: ([cache = EMPTY], next) => [mutateBytes(cache, next)],
  run: ([cache = EMPTY]) =>
    tolerate(() => ['', 'lib', 'libzz.so.2'].map((name) => librariesInCache(cache, name)), FormatError),
};
