/** Whether a name without a folder is meant as a library, as libbpf decides it. The others are programs. */
export const isLibraryFile = (name: string): boolean => /\.so(\.|$)/.test(name);

/** Whether a name may be a library's without its end, such as `libssl`. A program may have such a name, too. */
export const isLibraryName = (name: string): boolean => name.startsWith('lib') && !isLibraryFile(name);

/** What the names of a wanted library begin with. */
export function beginningOf(wanted: string): string {
  return isLibraryFile(wanted) ? wanted : `${wanted}.so`;
}

/** The version numbers in a library's name, `[1, 1]` for `libssl.so.1.1`; `undefined` for names of other libraries. */
export function versionIn(name: string, stem: string): readonly number[] | undefined {
  if (!name.startsWith(`${stem}.so`)) return undefined;
  const rest = name.slice(stem.length + '.so'.length);
  return /^(\.\d{1,9})*$/.test(rest) ? rest.split('.').slice(1).map(Number) : undefined;
}

/** Orders versions, the newest first. A name without a version comes last: it is for compilers. */
export function newestFirst(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const difference = (b[index] ?? -1) - (a[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The names that stand for a wanted library, the best one first: the name itself, else `libssl.so.3` for `libssl` or
 * `libssl.so`, the newest version first. `libc.so` itself comes last: where it exists, it may be a text for linkers.
 */
export function matchingLibraries(wanted: string, names: Iterable<string>): string[] {
  const stem = wanted.endsWith('.so') ? wanted.slice(0, -'.so'.length) : wanted;
  const open = stem !== wanted || !isLibraryFile(wanted);
  const found = new Map<string, readonly number[]>();
  for (const name of names) {
    const version = open ? versionIn(name, stem) : undefined;
    if (version !== undefined) found.set(name, version);
    else if (name === wanted) return [name];
  }
  return [...found].sort(([, a], [, b]) => newestFirst(a, b)).map(([name]) => name);
}

/**
 * Whether a mapped file is the wanted library. The loader maps the file that a name leads to, which may be called after
 * its full version: `libstdc++.so.6.0.30` for `libstdc++.so.6`, and `libc-2.31.so` for `libc.so.6` before glibc 2.34.
 */
export function isMappedAs(file: string, wanted: string): boolean {
  if (file === wanted) return true;
  if (isLibraryFile(wanted) && file.startsWith(`${wanted}.`)) return true;
  const stem = wanted.replace(/\.so(\.\d+)*$/, '');
  if (stem === '' || !file.startsWith(stem)) return false;
  const rest = file.slice(stem.length);
  if (/^-\d+(\.\d+)*\.so$/.test(rest)) return true;
  return (isLibraryName(wanted) || wanted.endsWith('.so')) && /^\.so(\.\d+)*$/.test(rest);
}
