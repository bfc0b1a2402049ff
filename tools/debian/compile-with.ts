/** How to compile C against the headers and libraries of an unpacked folder instead of this machine's. */
import { libraryFolders, loaderOf } from './run-with.ts';

/**
 * Arguments for the machine's C compiler. The program it makes uses the unpacked folder's C library and loader, from
 * wherever it is started.
 *
 * @param root an unpacked folder that holds a C library for development, such as what libbpf-dev brings along
 * @param libraries names of further libraries, such as `bpf`
 */
export function compileWith(
  root: string,
  source: string,
  output: string,
  libraries: readonly string[],
): string[] {
  const loader = loaderOf(root);
  const [folder = ''] = libraryFolders(root);
  return [
    `--sysroot=${root}`,
    // The compiler looks into its own machine's folders before the sysroot's, unless told otherwise.
    ...[`-B${folder}`, `-L${folder}`, `-Wl,-rpath-link,${folder}`],
    ...[`-Wl,-rpath,${folder}`, '-Wl,--disable-new-dtags', `-Wl,--dynamic-linker,${loader}`],
    ...['-o', output, source, '-nodefaultlibs', ...libraries.map((name) => `-l${name}`)],
    // libc.so is a script that names files by paths from /, which do not exist in the unpacked folder.
    ...['-l:libc.so.6', '-l:libc_nonshared.a', '-lgcc', loader],
  ];
}
