/** Counts the system calls of a contender's operations with strace(1). */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Open, type Spawn, served } from './session.ts';

/** How many operations run before the counted ones. No case may count exactly this many. */
const WARM_UP = 333;

/** A call of a thread in a trace of `strace -f -o`. */
interface Call {
  readonly name: string;
  text: string;
}

function callsByThread(trace: string): Map<string, Call[]> {
  const threads = new Map<string, Call[]>();
  for (const line of trace.split('\n')) {
    // "<pid> name(arguments...) = result", or two parts if another thread makes a call in between:
    // "<pid> name(arguments... <unfinished ...>" and "<pid> <... name resumed>more arguments...) = result".
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
 * The names of the system calls that a contender made for the last count: all calls of its thread after it read the
 * count on standard input and before it wrote the answer to standard output.
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
 * Counts system calls. Every round is a new process, which first runs operations that are not counted.
 *
 * @param warmUp - how many operations are not counted; with 0, what is done once counts too
 */
export function counted(argv: readonly string[], how?: Spawn, warmUp: number = WARM_UP): Open {
  return async () => ({
    async round(count) {
      const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-bench-'));
      const file = join(folder, 'trace');
      try {
        const session = await served(['strace', '-f', '-qq', '-o', file, ...argv], how)();
        // The first operations are not counted: they include what is done once, and the warm-up of a virtual machine.
        // The second count must wait for the first answer: otherwise one call could read both lines.
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
