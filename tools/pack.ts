/**
 * Lays out `dist-packed`: the package as `npm pack` makes it, and the files that tests need. The package has no modules
 * of `dist/src`. Each is replaced by a facade that takes the module's names from the files that users get. So the tests
 * in that folder are the same as here, but test what is shipped.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The output of the compiler that is not in the package. */
const BUILT = ['test', 'tools', 'examples', 'bench'];
/** Other folders that tests read. */
const READ = ['test', 'tools', 'examples', 'native', 'bench', 'node_modules'];

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined || status !== 0)
    throw error ?? new Error(`Cannot run ${command}: ${stderr.trim()}`);
  return stdout;
}

/** Makes the folder from the current build, and returns its path. */
export function pack(target: string = resolve('dist-packed')): string {
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', target]),
  ) as [{ filename: string }];
  const archive = join(target, filename);
  run('tar', ['-xzf', archive, '-C', target, '--strip-components=1']);
  rmSync(archive);
  cpSync('dist/facades', join(target, 'dist/src'), { recursive: true });
  for (const folder of BUILT) cpSync(join('dist', folder), join(target, 'dist', folder), { recursive: true });
  for (const folder of READ) symlinkSync(resolve(folder), join(target, folder));
  return target;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(`packed: ${pack()}`);
