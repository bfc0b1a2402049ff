/**
 * The folder for downloads, and a way to fill parts of it. A run that is killed at any moment leaves nothing half done:
 * a part is made under a temporary name, and renamed when it is complete.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

/** The cache folder: `EBPF_TS_CACHE`, else `.cache` in the repository. */
export function cacheRoot(): string {
  return resolve(process.env.EBPF_TS_CACHE || join(repository, '.cache'));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/** Removes what killed runs left. */
function sweep(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = /^\.making-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isAlive(Number(pid)))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

let count = 0;

/**
 * The folder `name` of the cache. If it does not exist, `fill` makes it in the temporary folder it is given. Two
 * processes that make the same part at the same time both succeed, and one of the results is kept.
 */
export async function cached(name: string, fill: (folder: string) => void | Promise<void>): Promise<string> {
  const target = join(cacheRoot(), name);
  if (existsSync(target)) return target;
  const parent = dirname(target);
  mkdirSync(parent, { recursive: true });
  sweep(parent);
  const making = join(parent, `.making-${process.pid}-${++count}`);
  mkdirSync(making);
  try {
    await fill(making);
    try {
      renameSync(making, target);
    } catch (error) {
      if (!existsSync(target)) throw error;
    }
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return target;
}
