/**
 * Debian packages and all that they depend on, unpacked into the cache folder: newer programs, libraries and kernels
 * than the machine has, without touching what is installed. The first time, this needs apt, dpkg and the network.
 * Afterwards the folder is used unchanged until somebody deletes it.
 *
 *     node dist/tools/debian.js sid bpftool      prints the folder
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cached, cacheRoot } from './cache.ts';
import { openApt } from './debian/apt.ts';

export { compileWith } from './debian/compile-with.ts';
export { libraryFolders, loaderOf, programOf, runWith } from './debian/run-with.ts';

export type Suite = 'bookworm' | 'trixie' | 'sid';

export interface DebianSet {
  readonly suite: Suite;
  readonly packages: readonly string[];
  /**
   * Fetches and unpacks only packages whose names match, of all that installing these would bring. Default: all of
   * them.
   */
  readonly only?: RegExp;
  /** Name of the folder in the cache. Default: made from the suite and the packages. */
  readonly into?: string;
}

/** Written into each folder: the package files it was unpacked from. */
export const PACKAGE_LIST = '.packages';

function defaultName({ suite, packages, only }: DebianSet): string {
  const key = JSON.stringify([suite, packages, only?.source]);
  const hash = createHash('sha256').update(key).digest('hex').slice(0, 8);
  const readable = packages.join('+');
  return `debian/${suite}/${readable.length > 60 ? `${readable.slice(0, 60)}…` : readable}-${hash}`;
}

/** The folder that holds the unpacked packages, as it would look from `/`. */
export async function unpackDebian(set: DebianSet): Promise<string> {
  return await cached(set.into ?? defaultName(set), (folder) => {
    const work = join(folder, '.apt');
    const archives = join(work, 'archives');
    mkdirSync(archives, { recursive: true });
    const apt = openApt(set.suite, work);
    const names = apt.resolve(set.packages).filter((name) => set.only?.test(name) ?? true);
    if (names.length === 0) {
      throw new Error(`Cannot unpack ${set.packages.join(', ')}: no package matches ${String(set.only)}`);
    }
    apt.download(names, archives);
    const files = readdirSync(archives)
      .filter((name) => name.endsWith('.deb'))
      .sort();
    for (const file of files) {
      const { status, stderr } = spawnSync('dpkg', ['-x', join(archives, file), folder], {
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(`Cannot unpack ${file}: ${stderr.trim()}`);
    }
    rmSync(work, { recursive: true });
    writeFileSync(join(folder, PACKAGE_LIST), `${files.join('\n')}\n`);
  });
}

/** The folder of {@link unpackDebian} if it exists already. Nothing is fetched. */
export function unpackedDebian(set: DebianSet): string | undefined {
  const folder = join(cacheRoot(), set.into ?? defaultName(set));
  return existsSync(folder) ? folder : undefined;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [suite, ...packages] = process.argv.slice(2);
  if ((suite !== 'bookworm' && suite !== 'trixie' && suite !== 'sid') || packages.length === 0) {
    console.error('usage: node dist/tools/debian.js bookworm|trixie|sid PACKAGE…');
    process.exit(2);
  }
  console.log(await unpackDebian({ suite, packages }));
}
