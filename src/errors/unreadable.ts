import { BpfError } from './bpf-error.ts';

/** What to look at when a file cannot be read. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this process may not read it: see its mode, and those of the folders above it',
  EISDIR: 'it is a folder: name a file in it',
  ENOTDIR: 'a part of its path is no folder',
};

/** The error of a file that cannot be read. @param what - such as `object file count.o` */
export function unreadable(what: string, cause: unknown): BpfError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'ERR_BPF_READ';
  const why = CAUSES[code];
  return new BpfError(`Cannot read ${what}: ${code}${why === undefined ? '' : `: ${why}`}`, { code, cause });
}
