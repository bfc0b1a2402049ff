/** The contenders in C. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../tools/cache.ts';
import { compileWith, PACKAGE_LIST, unpackDebian } from '../../tools/debian.ts';
import { hashOf, type Peer, packageVersion, peer, run, sources } from './build.ts';

const FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror'];

/** The bare system calls, built with the C compiler and the C library of this machine. */
export const floor: () => Promise<Peer> = peer('bare bpf(2) in C', async () => {
  const folder = join(sources, 'c');
  const built = await cached(`bench/floor-${hashOf(folder, ...FLAGS)}`, (into) =>
    run('cc', [...FLAGS, '-o', join(into, 'floor'), join(folder, 'floor.c')]),
  );
  return { name: 'bare bpf(2) in C', program: join(built, 'floor') };
});

/** libbpf. Its headers and libraries, the C library and the loader all come from the unpacked folder. */
export const libbpf: () => Promise<Peer> = peer('libbpf', async () => {
  const root = await unpackDebian({ suite: 'sid', packages: ['libbpf-dev'] });
  const list = readFileSync(join(root, PACKAGE_LIST), 'utf8');
  const folder = join(sources, 'c');
  const built = await cached(`bench/libbpf-${hashOf(folder, list, root, ...FLAGS)}`, (into) => {
    run('cc', [...FLAGS, ...compileWith(root, join(folder, 'libbpf.c'), join(into, 'libbpf'), ['bpf'])]);
  });
  return { name: `libbpf ${packageVersion(list, /^libbpf1$/)}`, program: join(built, 'libbpf') };
});
