import { type NativeBinding, native, withBinding } from '../../src/sys/binding.ts';

/** Runs `body`, and returns how many nanoseconds its bpf(2) calls took, including the way into native code and back. */
export function timedCalls(body: () => void): number {
  let total = 0n;
  const timed = <A extends readonly unknown[], R>(call: (...args: A) => R): ((...args: A) => R) => {
    return (...args) => {
      const start = process.hrtime.bigint();
      try {
        return call(...args);
      } finally {
        total += process.hrtime.bigint() - start;
      }
    };
  };
  const binding = native();
  const replacement: NativeBinding = {
    ...binding,
    bpf: timed(binding.bpf),
    bind: (...args) => timed(binding.bind(...args)),
  };
  withBinding(replacement, body);
  return Number(total);
}
