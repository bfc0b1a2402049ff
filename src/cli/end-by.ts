import { constants } from 'node:os';
import { prctl } from '../sys/index.ts';

/** include/uapi/linux/prctl.h */
const PR_SET_DUMPABLE = 4;

/**
 * Ends this process as a signal ended the one that it stands for: by the signal, or with the status 128 + its
 * number where the kernel keeps the signal from it, as from the first process of a container.
 */
export function endBy(signal: NodeJS.Signals): void {
  process.exitCode = 128 + constants.signals[signal];
  // The program's core is the one that matters.
  prctl(PR_SET_DUMPABLE, 0);
  if (signal !== 'SIGKILL' && signal !== 'SIGSTOP') {
    // The runtime ignores some signals, and uses others: taking the last listener away gives the default back.
    const nothing = (): void => {};
    process.on(signal, nothing).off(signal, nothing);
  }
  process.kill(process.pid, signal);
}
