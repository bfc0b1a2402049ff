import { mapTypes } from '../abi/index.ts';
import { FormatError } from '../errors/index.ts';
import { bpf } from './bpf.ts';
import { Fd } from './fd.ts';
import { unreadableKernelFile } from './kernel-file.ts';

const { readFileSync } = process.getBuiltinModule('node:fs');

/**
 * Reads the kernel's list format, such as `0-3,8,10-11`.
 *
 * @throws FormatError if it does not have that form
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

/** The largest CONFIG_NR_CPUS there is (8192), doubled so that it can be seen where the values end. */
const MOST_CPUS = 16_384;
const WORD = 8;

/**
 * How many CPUs are possible, as a per-CPU map shows: the kernel fills in a word for each CPU. `undefined` if this
 * process may not create such a map.
 */
function countPossibleCpus(): number | undefined {
  const created = bpf('map_create', {
    map_type: mapTypes.number('percpu_array'),
    key_size: 4,
    value_size: WORD,
    max_entries: 1,
  });
  if (created < 0) return undefined;
  using map = Fd.adopt(created, 'map to count the CPUs with');
  const values = new Uint8Array(MOST_CPUS * WORD).fill(0xff);
  const key = new Uint8Array(4);
  if (bpf('map_lookup_elem', { map_fd: map.value, key, value: values }) < 0) return undefined;
  const end = values.indexOf(0xff);
  return end === -1 ? undefined : end / WORD;
}

const POSSIBLE = '/sys/devices/system/cpu/possible';
let possible: readonly number[] | undefined;

function findPossibleCpus(): number[] {
  try {
    return parseCpuList(readFileSync(POSSIBLE, 'latin1'));
  } catch (error) {
    // On the machines that the library runs on, their numbers have no gaps.
    const count = countPossibleCpus();
    if (count !== undefined) return Array.from({ length: count }, (_, cpu) => cpu);
    if (error instanceof FormatError) throw error;
    throw unreadableKernelFile('count the possible CPUs', POSSIBLE, error);
  }
}

/**
 * The CPUs that could ever come online, from /sys/devices/system/cpu/possible or, if that cannot be read, from what the
 * kernel returns for a per-CPU map. They do not change while the kernel runs. Per-CPU maps hold one value for each of
 * them, in this order.
 *
 * @throws BpfError if neither works
 */
export function possibleCpus(): readonly number[] {
  possible ??= Object.freeze(findPossibleCpus());
  return possible;
}

const ONLINE = '/sys/devices/system/cpu/online';

/** The CPUs that are online now, from /sys or /proc. @throws BpfError if neither can be read */
export function onlineCpus(): number[] {
  let text: string;
  try {
    text = readFileSync(ONLINE, 'latin1');
  } catch (cause) {
    try {
      const stat = readFileSync('/proc/stat', 'latin1');
      return [...stat.matchAll(/^cpu(\d+) /gm)].map(([, cpu]) => Number(cpu));
    } catch {
      throw unreadableKernelFile('find the CPUs that are online', ONLINE, cause);
    }
  }
  return parseCpuList(text);
}
