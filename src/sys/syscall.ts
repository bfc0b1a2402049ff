import { type BpfError, bareError, ERRNO, type Explain, explained } from '../errors/index.ts';
import { native, type SyscallArgument, type SyscallName } from './binding.ts';
import { missingCall } from './seccomp.ts';

/** What an errno means for any system call; `undefined` for most. */
export function commonCause(code: string, syscall: string): string | undefined {
  switch (code) {
    case 'EMFILE':
      return 'this process has too many open descriptors: raise its limit (ulimit -n)';
    case 'ENFILE':
      return 'the machine has too many open files: raise fs.file-max';
    case 'ENOSYS':
      return missingCall(syscall);
    default:
      return undefined;
  }
}

/** What a system call is made for. */
export interface Purpose {
  /** Completes "Cannot ...". */
  readonly action: string;
  /** The cause of a refusal, if the caller knows it. */
  readonly explain?: Explain | undefined;
}

/**
 * Makes the error for a failed system call. It is bare (see `explained`) unless its cause is known here.
 *
 * @param action - completes "Cannot ..."
 * @param explain - the cause, if the caller knows it; otherwise the errno may mean the same for every call
 */
export function systemError(
  action: string,
  syscall: string,
  errno: number,
  command?: string,
  explain?: Explain,
): BpfError {
  return explained(
    bareError(action, { errno, syscall, command }),
    (bare) => explain?.(bare) || commonCause(bare.code, syscall),
  );
}

/** A system call: the result, or the negated errno. EINTR is retried, except for close(2). */
export function trySyscall(name: SyscallName, ...args: SyscallArgument[]): number {
  const binding = native();
  let result: number;
  do {
    result = binding.syscall(binding.numbers[name], ...args);
  } while (result === -ERRNO.EINTR && name !== 'close');
  return result;
}

/**
 * A system call that must succeed.
 *
 * @throws BpfError with the errno's name as code; `action` completes its "Cannot ..."
 */
export function syscall(action: string, name: SyscallName, ...args: SyscallArgument[]): number {
  const result = trySyscall(name, ...args);
  if (result < 0) throw systemError(action, name, -result);
  return result;
}
