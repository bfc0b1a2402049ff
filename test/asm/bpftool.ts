import { spawnSync } from 'node:child_process';
import { runWith, unpackedDebian } from '../../tools/debian.ts';

/**
 * Runs bpftool: the one unpacked in the cache if there is one, otherwise the machine's own. Returns undefined if there
 * is neither.
 */
export function bpftool(...args: string[]): string | undefined {
  const folder = unpackedDebian({ suite: 'sid', packages: ['bpftool'] });
  const [program, ...rest] = folder === undefined ? ['bpftool', ...args] : runWith(folder, 'bpftool', args);
  const { status, stdout, stderr, error } = spawnSync(program, rest, { encoding: 'utf8' });
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') return undefined;
  if (status !== 0) throw new Error(`bpftool ${args.join(' ')}: ${stderr || stdout || String(error)}`);
  return stdout;
}
