import { BpfError, errnoName } from '../errors/index.ts';
import { native } from './binding.ts';

const { constants } = process.getBuiltinModule('node:os');

/**
 * How often a process sent this signal to this one since the last call. Signals from the kernel do not count, such as
 * those from a terminal's keys, which every process in the foreground gets. The first call starts counting.
 *
 * @param signal - one that this process has a listener for: `process.on('SIGINT', ...)`
 * @throws BpfError `EINVAL` if it has none
 */
export function signalsSent(signal: NodeJS.Signals): number {
  const count = native().signalsSent(constants.signals[signal]);
  if (count >= 0) return count;
  const code = errnoName(-count);
  throw new BpfError(`Cannot tell who sends ${signal}: ${code}: this process has no listener for it`, {
    code,
    errno: -count,
    syscall: 'rt_sigaction',
  });
}
