/** Runs programs of an unpacked folder on a machine with another, often older, C library. */
import { existsSync, readdirSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

const PROGRAM_FOLDERS = ['usr/sbin', 'usr/bin', 'sbin', 'bin', 'usr/libexec'];

/** The library folders of an unpacked root, the architecture's own first. */
export function libraryFolders(root: string): string[] {
  return ['usr/lib', 'lib']
    .map((folder) => join(root, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => [
      ...readdirSync(folder)
        .filter((name) => /-linux-gnu/.test(name))
        .map((name) => join(folder, name)),
      folder,
    ]);
}

/** The dynamic loader of an unpacked root. It is looked up by its real place, because the links to it are absolute. */
export function loaderOf(root: string): string {
  for (const folder of libraryFolders(root)) {
    const name = readdirSync(folder).find((file) => /^ld-linux.*\.so\.\d+$/.test(file));
    if (name !== undefined) return join(folder, name);
  }
  throw new Error(`Cannot find a dynamic loader: none in ${root}: unpack libc6 there too`);
}

/** A program of an unpacked root, given by its name, its path inside the root, or an absolute path. */
export function programOf(root: string, program: string): string {
  if (isAbsolute(program)) return program;
  const places = program.includes('/') ? [''] : PROGRAM_FOLDERS;
  const found = places.map((folder) => join(root, folder, program)).find((file) => existsSync(file));
  if (found !== undefined) return found;
  throw new Error(`Cannot find program "${program}": not in ${root}`);
}

/**
 * The command line that runs a program with the C library and the loader of an unpacked root.
 *
 * @param program a name looked up in the root's program folders, a path inside the root, or the absolute
 *   path of a program that was built against the root
 */
export function runWith(root: string, program: string, args: readonly string[] = []): [string, ...string[]] {
  const libraries = libraryFolders(root).join(':');
  return [loaderOf(root), '--library-path', libraries, programOf(root, program), ...args];
}
