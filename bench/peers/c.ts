/** The contenders in C. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from '../../tools/cache.ts';
import { libraryFolders, loaderOf, PACKAGE_LIST, unpackDebian } from '../../tools/debian.ts';
import { hashOf, type Peer, packageVersion, peer, run, sources } from './build.ts';

const FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror'];

/** The bare system calls, built by the machine's C compiler against the machine's C library. */
export const floor: () => Promise<Peer> = peer('bare bpf(2) in C', async () => {
  const folder = join(sources, 'c');
  const built = await cached(`bench/floor-${hashOf(folder, ...FLAGS)}`, (into) =>
    run('cc', [...FLAGS, '-o', join(into, 'floor'), join(folder, 'floor.c')]),
  );
  return { name: 'bare bpf(2) in C', program: join(built, 'floor') };
});

/** libbpf: headers, libraries, C library and loader all come from the unpacked folder. */
export const libbpf: () => Promise<Peer> = peer('libbpf', async () => {
  const root = await unpackDebian({ suite: 'sid', packages: ['libbpf-dev'] });
  const list = readFileSync(join(root, PACKAGE_LIST), 'utf8');
  const folder = join(sources, 'c');
  const loader = loaderOf(root);
  const [libraries = ''] = libraryFolders(root);
  const built = await cached(`bench/libbpf-${hashOf(folder, list, root, ...FLAGS)}`, (into) => {
    run('cc', [
      ...FLAGS,
      `--sysroot=${root}`,
      // The compiler looks into its own machine's folders before the sysroot's, unless told so.
      ...[`-B${libraries}`, `-L${libraries}`, `-Wl,-rpath-link,${libraries}`],
      ...[`-Wl,-rpath,${libraries}`, '-Wl,--disable-new-dtags', `-Wl,--dynamic-linker,${loader}`],
      ...['-o', join(into, 'libbpf'), join(folder, 'libbpf.c')],
      // libc.so is a script that names files by paths from /, which the unpacked folder does not have.
      ...['-nodefaultlibs', '-lbpf', '-l:libc.so.6', '-l:libc_nonshared.a', '-lgcc', loader],
    ]);
  });
  return { name: `libbpf ${packageVersion(list, /^libbpf1$/)}`, program: join(built, 'libbpf') };
});
