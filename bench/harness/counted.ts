/** Counts the system calls of a contender's operations with strace(1). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Open, type Spawn, served } from './session.ts';

/** Operations before the counted ones; not a number that a case counts. */
const WARM_UP = 333;

/** The calls of one thread in a trace of `strace -f -o`, in order. */
interface Call {
  readonly name: string;
  text: string;
}

function callsByThread(trace: string): Map<string, Call[]> {
  const threads = new Map<string, Call[]>();
  for (const line of trace.split('\n')) {
    // "<pid> name(arguments…) = result", or in two parts when another thread was faster:
    // "<pid> name(arguments… <unfinished ...>" and "<pid> <... name resumed>more arguments…) = result".
    const [, pid = '', resumed, name = '', text = ''] =
      /^(\d+) +(<\.\.\. )?([a-z_0-9]+)(?:\(| resumed>)(.*)$/.exec(line) ?? [];
    if (name === '') continue;
    const calls = threads.get(pid) ?? [];
    threads.set(pid, calls);
    const last = calls.at(-1);
    if (resumed === undefined) calls.push({ name, text: text.replace(' <unfinished ...>', '') });
    else if (last !== undefined) last.text += text;
  }
  return threads;
}

/**
 * The names of the calls between a contender's reading of the last count on its standard input and its
 * answer on standard output: all that its thread did for those operations.
 */
export function callsOfLastRound(trace: string, count: number): string[] {
  const begin = new RegExp(`^0, *"${count}\\\\n"`);
  for (const calls of callsByThread(trace).values()) {
    const from = calls.findLastIndex(({ name, text }) => name === 'read' && begin.test(text));
    if (from === -1) continue;
    const length = calls.slice(from + 1).findIndex(({ name, text }) => name === 'write' && /^1,/.test(text));
    if (length !== -1) return calls.slice(from + 1, from + 1 + length).map(({ name }) => name);
  }
  throw new Error('the trace holds no round: no thread both read the count and wrote the answer');
}

/**
 * A session whose rounds give system calls. Every round is a process of its own that first runs
 * operations which are not counted.
 *
 * @param warmUp - how many; 0 counts what is done once, too
 */
export function counted(argv: readonly string[], how?: Spawn, warmUp: number = WARM_UP): Open {
  return async () => ({
    async round(count) {
      const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-bench-'));
      const file = join(folder, 'trace');
      try {
        const session = await served(['strace', '-f', '-qq', '-o', file, ...argv], how)();
        // What is done once, and what a virtual machine does while it warms up, is not counted.
        // The second line must not come before the first is answered, or both would be read in one call.
        if (warmUp > 0) await session.round(warmUp);
        await session.round(count);
        await session.close();
        return callsOfLastRound(readFileSync(file, 'utf8'), count).length;
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
    close: async () => {},
  });
}
