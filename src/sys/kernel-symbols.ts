import { readKernelFile } from './kernel-file.ts';

const KALLSYMS = '/proc/kallsyms';

/**
 * The addresses of those symbols that the running kernel or its modules have, from /proc/kallsyms. They are 0 if this
 * process may not see addresses (CAP_SYSLOG, kernel.kptr_restrict).
 *
 * @throws BpfError if /proc/kallsyms cannot be read
 */
export function kernelSymbols(names: Iterable<string>): Map<string, bigint> {
  const found = new Map<string, bigint>();
  const wanted = [...names].map((name) => name.replaceAll(/\W/g, '\\$&'));
  if (wanted.length === 0) return found;
  const text = readKernelFile('look up symbols of the kernel', KALLSYMS).toString('latin1');
  // `address type name`, followed by `[module]` for modules. If there are several, the first is the kernel's own.
  const lines = new RegExp(`^([0-9a-f]+) \\S (${wanted.join('|')})(?:\\s|$)`, 'gm');
  for (const [, address = '', name = ''] of text.matchAll(lines)) {
    if (!found.has(name)) found.set(name, BigInt(`0x${address}`));
  }
  return found;
}
