/** Finds the processes and mounts that a run of many processes leaves on the machine. */
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const VARIABLE = 'EBPF_TS_TEST_RUN';
/** Other runs on the same machine mount too, but not for long. */
const PATIENCE_MS = 2000;
const STEP_MS = 100;

/** A run being watched. */
export interface Leftovers {
  /** Variables for the environment of the run. Every process of it inherits them. */
  readonly environment: Readonly<Record<string, string>>;
  /** What is left when the run is over: a line for each process and mount. */
  readonly find: () => string[];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function processesWith(mark: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && read(`/proc/${name}/environ`).split('\0').includes(mark))
    .map((pid) => `process ${pid}: ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()}`);
}

function mounts(): string[] {
  return read('/proc/self/mountinfo')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `mount: ${line}`);
}

/** Starts to watch. Systems other than Linux show nothing, and have nothing to leave. */
export function watchLeftovers(): Leftovers {
  const id = randomUUID();
  const before = new Set(mounts());
  const once = (): string[] => [
    ...processesWith(`${VARIABLE}=${id}`),
    ...mounts().filter((line) => !before.has(line)),
  ];
  const find = (): string[] => {
    if (!existsSync('/proc/self/mountinfo')) return [];
    let left = once();
    for (let waited = 0; left.length > 0 && waited < PATIENCE_MS; waited += STEP_MS) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STEP_MS);
      const still = new Set(once());
      left = left.filter((line) => still.has(line));
    }
    return left;
  };
  return { environment: { [VARIABLE]: id }, find };
}
