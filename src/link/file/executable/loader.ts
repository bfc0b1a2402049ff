/** Where the dynamic loaders of Linux look for libraries. */

/** What the loaders' files and folders are called for one kind of processor. */
interface Machine {
  /** What the cache says about libraries of this processor. */
  readonly flags: number;
  /** Debian's name, which its folders have. */
  readonly multiarch: string;
  readonly musl: string;
}

/** ELF's library kind in the cache: those of glibc 2 and later. */
const LIBC6 = 3;

const MACHINES: Readonly<Record<string, Machine>> = {
  x64: { flags: LIBC6 | 0x300, multiarch: 'x86_64-linux-gnu', musl: 'x86_64' },
  arm64: { flags: LIBC6 | 0xa00, multiarch: 'aarch64-linux-gnu', musl: 'aarch64' },
};

/** What this process's own loader looks for. */
export const machine: Machine = MACHINES[process.arch] ?? {
  flags: LIBC6,
  multiarch: `${process.arch}-linux-gnu`,
  musl: process.arch,
};

/** The folders that glibc's loader searches last, as distributions build it. */
export const GLIBC_FOLDERS: readonly string[] = [
  `/lib/${machine.multiarch}`,
  `/usr/lib/${machine.multiarch}`,
  '/lib64',
  '/usr/lib64',
  '/lib',
  '/usr/lib',
];

export const GLIBC_CACHE = '/etc/ld.so.cache';

/** The folders that musl's loader searches, unless its own file says others. */
export const MUSL_FOLDERS: readonly string[] = ['/lib', '/usr/local/lib', '/usr/lib'];

/** The file that names folders for musl's loader. */
export const MUSL_PATHS: string = `/etc/ld-musl-${machine.musl}.path`;

/** musl's loader itself. Systems that use it have it here. */
export const MUSL_LOADER: string = `/lib/ld-musl-${machine.musl}.so.1`;

/** More than any system has. Another process decides what is in its lists. */
const MOST_FOLDERS = 256;

/** Reads a list of folders as the loaders do: relative ones and those with variables stand for no fixed place. */
export const foldersOf = (list: string | undefined, separator: RegExp): string[] =>
  (list ?? '')
    .split(separator)
    .filter((folder) => folder.startsWith('/') && !folder.includes('$'))
    .slice(0, MOST_FOLDERS);
