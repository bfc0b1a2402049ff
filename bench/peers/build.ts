/**
 * How floor and peers are built: into the cache folder, each once, under a name that holds a hash of what
 * it is made from. A peer that cannot be built is no error of the benchmark but a line in its tables.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const sources: string = fileURLToPath(new URL('../../../bench/peers/', import.meta.url));

/** A program that speaks the contenders' language; its first argument is the case. */
export interface Peer {
  readonly name: string;
  readonly program: string | { readonly missing: string };
}

/** Runs a build tool; what it said becomes the error. */
export function run(
  program: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
): void {
  try {
    execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', ...options });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new Error(`Cannot run ${program}: it is not installed`);
    }
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`Cannot build with ${basename(program)}: ${said.split('\n').slice(-3).join('; ')}`);
  }
}

/** A short hash of a folder's files and of whatever else decides about a build. */
export function hashOf(folder: string, ...more: string[]): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.update(JSON.stringify(more)).digest('hex').slice(0, 12);
}

/** The upstream version of an unpacked package: `1.7.0` for `libbpf1_1%3a1.7.0-1_amd64.deb`. */
export function packageVersion(list: string, name: RegExp): string {
  for (const line of list.split('\n')) {
    const [found = '', version = ''] = line.split('_');
    if (name.test(found))
      return decodeURIComponent(version)
        .replace(/^\d+:/, '')
        .replace(/[-+].*$/, '');
  }
  return '';
}

/** What `build` makes; its failure becomes the peer's reason to be missing. */
async function attempt(name: string, build: () => Promise<Peer>): Promise<Peer> {
  try {
    return await build();
  } catch (error) {
    return { name, program: { missing: error instanceof Error ? error.message : String(error) } };
  }
}

/** A peer that is built when it is first asked for, and once per run. */
export function peer(name: string, build: () => Promise<Peer>): () => Promise<Peer> {
  let result: Promise<Peer> | undefined;
  return () => {
    result ??= attempt(name, build);
    return result;
  };
}
