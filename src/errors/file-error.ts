import { BpfError } from './bpf-error.ts';
import { errnoOf } from './errno.ts';

/**
 * The error for something that the file system refused, with Node's code, or `ERR_BPF_READ` if that is not an errno.
 *
 * @param action - completes "Cannot ..."
 * @param why - the cause, if it is known
 */
export function fileError(
  action: string,
  cause: unknown,
  why: (code: string) => string | undefined,
): BpfError {
  const code = errnoOf(cause) ?? 'ERR_BPF_READ';
  const found = why(code);
  return new BpfError(`Cannot ${action}: ${code}${found === undefined ? '' : `: ${found}`}`, { code, cause });
}

/** Why a file cannot be read and what to look at, by code. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this process may not read it: see its mode, and those of the folders above it',
  EISDIR: 'it is a folder: name a file in it',
  ENOTDIR: 'a part of its path is not a folder',
};

/** The error for a file that cannot be read. @param what - such as `object file count.o` */
export function unreadable(what: string, cause: unknown): BpfError {
  return fileError(`read ${what}`, cause, (code) => CAUSES[code]);
}
