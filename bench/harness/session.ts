/** The ways to drive a contender. Each measures what a round costs. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';

/** A contender while its case runs. */
export interface Session {
  /** Runs `count` operations and returns their total cost: nanoseconds, system calls, or bytes. */
  round(count: number): Promise<number>;
  close(): Promise<void>;
}

export type Open = () => Promise<Session>;

/** Starts a program, as `child_process.spawn` does. Some give it another environment. */
export type Spawn = (file: string, args: readonly string[], options: SpawnOptions) => ChildProcess;

interface Served extends Session {
  readonly child: ChildProcess;
}

function ended(child: ChildProcess): Promise<unknown> {
  return child.exitCode !== null || child.signalCode !== null ? Promise.resolve() : once(child, 'exit');
}

/** Starts a program that speaks the contenders' language (bench/peers/c/serve.h) and waits for "ready". */
async function start(argv: readonly string[], how: Spawn): Promise<Served> {
  const [program = '', ...args] = argv;
  const child = how(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const { stdout, stderr } = child;
  const stdin: Writable | null = child.stdin;
  if (stdin === null || stdout === null || stderr === null) throw new Error(`${program} has no pipes`);
  stdin.on('error', () => {}); // if the contender has died, its answer is missing, and that is reported
  let complaint = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const failed = once(child, 'error').then(([error]) => Promise.reject(error));
  failed.catch(() => {});
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();

  const answer = async (): Promise<string> => {
    const { value, done } = await Promise.race([lines.next(), failed]);
    if (done !== true && !value.startsWith('error: ')) return value;
    stdin.end();
    await ended(child);
    const said = done === true ? complaint.trim().split('\n').slice(-3).join('; ') : value.slice(7);
    throw new Error(said || `ended with status ${child.exitCode ?? child.signalCode}`);
  };

  if ((await answer()) !== 'ready') throw new Error(`${program} does not speak the contenders' language`);
  return {
    child,
    async round(count) {
      stdin.write(`${count}\n`);
      return Number(await answer());
    },
    async close() {
      stdin.end();
      await ended(child);
    },
  };
}

/** Uses one process for all rounds, for operations that are repeated many times in one process. */
export function served(argv: readonly string[], how: Spawn = spawn): Open {
  return () => start(argv, how);
}

/** Uses a new process for every round, for what is done once in a process. Its start is not timed. */
export function fresh(argv: readonly string[], how: Spawn = spawn): Open {
  return async () => ({
    async round(count) {
      const session = await start(argv, how);
      const cost = await session.round(count);
      await session.close();
      return cost;
    },
    close: async () => {},
  });
}

/**
 * Uses a new process for every round, and measures its resident memory after the operations.
 *
 * @param grown - whether to count only the memory that the operations added
 */
export function resident(argv: readonly string[], grown: boolean): Open {
  return async () => ({
    async round(count) {
      const session = await start(argv, spawn);
      const before = grown ? residentBytes(session.child) : 0;
      if (count > 0) await session.round(count);
      const bytes = residentBytes(session.child) - before;
      await session.close();
      // The harness divides by the number of operations.
      return bytes * Math.max(count, 1);
    },
    close: async () => {},
  });
}

function residentBytes({ pid }: ChildProcess): number {
  const [, kilobytes] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Times a whole process, from start to end. */
export function wholeProcess(argv: readonly string[], env: NodeJS.ProcessEnv = process.env): Open {
  const [program = '', ...args] = argv;
  return async () => ({
    async round() {
      const begin = process.hrtime.bigint();
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
      let output = '';
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output = (output + text).slice(-2000);
        });
      }
      const [status, signal] = await once(child, 'exit');
      const cost = Number(process.hrtime.bigint() - begin);
      if (status !== 0) throw new Error(`ended with ${status ?? signal}: ${output.trim()}`);
      return cost;
    },
    close: async () => {},
  });
}
