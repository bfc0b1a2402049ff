import { readKernelFile } from './kernel-file.ts';

const KALLSYMS = '/proc/kallsyms';

/**
 * The addresses of symbols of the running kernel and its modules, from /proc/kallsyms: of those that are there. 0 where
 * this process may not see addresses (CAP_SYSLOG, kernel.kptr_restrict).
 *
 * @throws BpfError where /proc/kallsyms cannot be read
 */
export function kernelSymbols(names: Iterable<string>): Map<string, bigint> {
  const found = new Map<string, bigint>();
  const wanted = [...names].map((name) => name.replaceAll(/\W/g, '\\$&'));
  if (wanted.length === 0) return found;
  const text = readKernelFile('look up symbols of the kernel', KALLSYMS).toString('latin1');
  // `address type name`, of modules also `[module]`. The first of several is the kernel's own.
  const lines = new RegExp(`^([0-9a-f]+) \\S (${wanted.join('|')})(?:\\s|$)`, 'gm');
  for (const [, address = '', name = ''] of text.matchAll(lines)) {
    if (!found.has(name)) found.set(name, BigInt(`0x${address}`));
  }
  return found;
}
