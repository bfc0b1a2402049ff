import { readFileSync } from 'node:fs';
import { FormatError } from '../errors/index.ts';

/**
 * Reads the kernel's list format, such as `0-3,8,10-11`.
 *
 * @throws FormatError when it is not of that form
 */
export function parseCpuList(text: string): number[] {
  const cpus: number[] = [];
  for (const part of text.trim().split(',')) {
    const match = /^(\d{1,6})(?:-(\d{1,6}))?$/.exec(part);
    if (match === null) throw new FormatError(`${JSON.stringify(text)} is not a list of CPUs`);
    const first = Number(match[1]);
    const last = Number(match[2] ?? match[1]);
    for (let cpu = first; cpu <= last; cpu++) cpus.push(cpu);
  }
  return cpus;
}

let possible: readonly number[] | undefined;

/**
 * The CPUs that could ever come online, from /sys/devices/system/cpu/possible. They do not change while the
 * kernel runs. Per-CPU maps hold one value for each of them, in this order.
 */
export function possibleCpus(): readonly number[] {
  possible ??= Object.freeze(parseCpuList(readFileSync('/sys/devices/system/cpu/possible', 'utf8')));
  return possible;
}

/** The CPUs that are online now. */
export function onlineCpus(): number[] {
  return parseCpuList(readFileSync('/sys/devices/system/cpu/online', 'utf8'));
}
