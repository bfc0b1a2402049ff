import { prctl } from '../sys/index.ts';

const { constants } = process.getBuiltinModule('node:os');

/** include/uapi/linux/prctl.h */
const PR_SET_DUMPABLE = 4;

/**
 * Ends this process as a signal ended its program: by the signal, or with status 128 + its number. The kernel keeps
 * signals from some processes, such as the first process of a container.
 */
export function endBy(signal: NodeJS.Signals): void {
  process.exitCode = 128 + constants.signals[signal];
  // Only the program's core dump matters.
  prctl(PR_SET_DUMPABLE, 0);
  if (signal !== 'SIGKILL' && signal !== 'SIGSTOP') {
    // The runtime ignores some signals and uses others. Removing the last listener restores the default.
    const nothing = (): void => {};
    process.on(signal, nothing).off(signal, nothing);
  }
  process.kill(process.pid, signal);
}
