import { BpfError, errnoName } from '../errors/index.ts';
import { native, type SyscallArgument, type SyscallName } from './binding.ts';

/** Makes the error of a failed system call; `action` completes "Cannot …". */
export function systemError(action: string, syscall: string, errno: number, command?: string): BpfError {
  const code = errnoName(errno);
  return new BpfError(`Cannot ${action}: ${code}`, { code, errno, syscall, command });
}

/** A system call; the result, or the negated errno. EINTR is retried. */
export function trySyscall(name: SyscallName, ...args: SyscallArgument[]): number {
  const binding = native();
  let result: number;
  do {
    result = binding.syscall(binding.numbers[name], ...args);
  } while (result === -4 /* EINTR */ && name !== 'close');
  return result;
}

/**
 * A system call that must succeed.
 *
 * @throws BpfError with the errno's name as code; `action` completes its "Cannot …"
 */
export function syscall(action: string, name: SyscallName, ...args: SyscallArgument[]): number {
  const result = trySyscall(name, ...args);
  if (result < 0) throw systemError(action, name, -result);
  return result;
}
