import { commands } from '../../src/abi/index.ts';
import { type NativeBinding, native, withBinding } from '../../src/sys/index.ts';

/** Records the system calls that `body` makes through the library, such as `bpf:map_create` or `openat`. */
export function recordCalls(body: () => void): string[] {
  const calls: string[] = [];
  const real = native();
  const names = new Map(Object.entries(real.numbers).map(([name, number]) => [number, name]));
  const recorder: NativeBinding = {
    ...real,
    syscall: (number, ...args) => {
      calls.push(names.get(number) ?? String(number));
      return real.syscall(number, ...args);
    },
    bpf: (command, attr, size) => {
      calls.push(`bpf:${commands.name(command)}`);
      return real.bpf(command, attr, size);
    },
    bpfAsync: (command, attr, size, keep) => {
      calls.push(`bpf:${commands.name(command)}`);
      return real.bpfAsync(command, attr, size, keep);
    },
  };
  withBinding(recorder, body);
  return calls;
}
