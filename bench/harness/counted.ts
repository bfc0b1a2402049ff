/** Counts the system calls of a contender's operations with strace(1). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Open, served } from './session.ts';

/** The calls of one thread in a trace of `strace -f -o`, in order. */
interface Call {
  readonly name: string;
  readonly text: string;
}

function callsByThread(trace: string): Map<string, Call[]> {
  const threads = new Map<string, Call[]>();
  for (const line of trace.split('\n')) {
    // "<pid> name(arguments…) = result"; the second half of a split call ("<... name resumed>") is no new one.
    const found = /^(\d+) +([a-z_0-9]+)\((.*)$/.exec(line);
    if (found === null) continue;
    const [, pid = '', name = '', text = ''] = found;
    const calls = threads.get(pid) ?? [];
    calls.push({ name, text });
    threads.set(pid, calls);
  }
  return threads;
}

/**
 * The names of the calls between a contender's reading of the last count on its standard input and its
 * answer on standard output: all that its thread did for those operations.
 */
export function callsOfLastRound(trace: string, count: number): string[] {
  for (const calls of callsByThread(trace).values()) {
    const from = calls.findLastIndex(
      ({ name, text }) => name === 'read' && text.startsWith(`0, "${count}\\n`),
    );
    if (from === -1) continue;
    const length = calls.slice(from + 1).findIndex(({ name, text }) => name === 'write' && /^1,/.test(text));
    if (length !== -1) return calls.slice(from + 1, from + 1 + length).map(({ name }) => name);
  }
  throw new Error('the trace holds no round: no thread both read the count and wrote the answer');
}

/**
 * A session whose rounds give system calls. Every round is a process of its own that runs one operation
 * unobserved first, so that what is done once per process is not counted.
 *
 * @param argv - the contender, from strace's point of view
 * @param outer - what strace itself is run by, such as `ebpf-ts token run --`
 */
export function counted(argv: readonly string[], outer: readonly string[] = []): Open {
  return async () => ({
    async round(count) {
      const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-bench-'));
      const file = join(folder, 'trace');
      try {
        const session = await served([...outer, 'strace', '-f', '-qq', '-o', file, ...argv])();
        // The second line must not come before the first is answered, or both would be read in one call.
        await session.round(1);
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
