/**
 * Builds the floor and the peers, each once, into the cache folder. The name of the result holds a hash of everything
 * that it is made from. If a peer cannot be built, the benchmark does not fail: its tables say so.
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

/** Runs a build tool. If it fails, its output becomes the error. */
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

/** A short hash of a folder's files, and of everything else that a build depends on. */
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

/** Builds a peer. If that fails, the peer is missing, and the error is the reason. */
async function attempt(name: string, build: () => Promise<Peer>): Promise<Peer> {
  try {
    return await build();
  } catch (error) {
    return { name, program: { missing: error instanceof Error ? error.message : String(error) } };
  }
}

/** A peer that is built on first use, and only once per run. */
export function peer(name: string, build: () => Promise<Peer>): () => Promise<Peer> {
  let result: Promise<Peer> | undefined;
  return () => {
    result ??= attempt(name, build);
    return result;
  };
}
