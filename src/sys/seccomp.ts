import { native } from './binding.ts';

const { readFileSync } = process.getBuiltinModule('node:fs');

const PR_GET_SECCOMP = 21; // include/uapi/linux/prctl.h
const FILTER = 2; // SECCOMP_MODE_FILTER, include/uapi/linux/seccomp.h

function mode(): number | undefined {
  try {
    const shown = /^Seccomp:\s+(\d)/m.exec(readFileSync('/proc/thread-self/status', 'latin1'))?.[1];
    // Kernels without seccomp have no such line.
    return shown === undefined ? 0 : Number(shown);
  } catch {
    const binding = native();
    const result = binding.syscall(binding.numbers.prctl, PR_GET_SECCOMP, 0, 0, 0, 0);
    return result < 0 ? undefined : result;
  }
}

/**
 * Whether a seccomp filter decides about the system calls of this thread; `undefined` if that cannot be found out.
 * Nothing shows what the filter permits, so a filter is a possible cause of a refusal, but never a proven one.
 */
export function hasSeccompFilter(): boolean | undefined {
  const found = mode();
  return found === undefined ? undefined : found === FILTER;
}

const OTHERS = 'a security module, kernel lockdown or a hardened kernel';

/** What may have refused although every known condition holds, the likeliest first. For the end of a sentence. */
export function otherRefusers(): string {
  switch (hasSeccompFilter()) {
    case true:
      return (
        'the seccomp filter of this process may refuse it (default container profiles do, unless the ' +
        `container has CAP_BPF), or ${OTHERS} may`
      );
    case false:
      return `${OTHERS} may refuse it; there is no seccomp filter`;
    default:
      return `a seccomp filter, ${OTHERS} may refuse it`;
  }
}

/** Why a system call does not exist. */
export function missingCall(syscall: string): string {
  const lacks = `this kernel has no ${syscall}(2)`;
  switch (hasSeccompFilter()) {
    case true:
      return `the seccomp filter of this process hides ${syscall}(2), or ${lacks}`;
    case false:
      return lacks;
    default:
      return `a seccomp filter hides ${syscall}(2), or ${lacks}`;
  }
}
