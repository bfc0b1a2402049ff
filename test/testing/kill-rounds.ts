/**
 * Rounds in which a process of a run under a token is killed at a random moment: the caller, one of the helper's
 * processes, the program, or a process that the program started. In each case the run must end without an uncaught
 * exception, and no process may be left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parentOf, processesWith } from './support.ts';

export interface KillOptions {
  /** The maximum number of rounds. */
  readonly rounds: number;
  /** No round begins after this time. */
  readonly seconds: number;
  /** The same seed makes the same choices, but not at the same moments. */
  readonly seed: number;
}

export interface KillResult {
  readonly rounds: number;
  /** How often each process was killed with each ending of the caller, such as `front: SIGKILL`. */
  readonly counts: ReadonlyMap<string, number>;
  readonly problems: readonly string[];
}

const CLI = fileURLToPath(new URL('../../lib/cli/main.js', import.meta.url));
const CALLER = fileURLToPath(new URL('fixtures/kill-caller.js', import.meta.url));

/** Starts processes in their own sessions, and some that ignore every signal that can be ignored. */
const SCRIPT =
  'sleep 7777 & (setsid sleep 7777 &) ; (trap "" TERM INT HUP; sleep 7777) & echo ready; exec sleep 7777';
const CALLS: readonly (readonly string[])[] = [
  [CLI, 'token', 'run', '--cmds', 'map_create', '--maps', 'hash', '--', 'sh', '-c', SCRIPT],
  [CALLER],
];

const VICTIMS = ['caller', 'helper', 'helper', 'program', 'group', 'caller and helper', 'signal'] as const;
const SIGNALS = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
/** How long a run may take to end, and how long the processes that it leaves may take to go. */
const PATIENCE_MS = 10_000;

/** mulberry32, which is small, and good enough to make choices. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}

/** Signals processes. Any of them may have ended meanwhile. */
function kill(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // The process has ended.
    }
  }
}

/** Waits for `done`, but not for ever. */
async function within(milliseconds: number, done: Promise<unknown>): Promise<boolean> {
  const stop = new AbortController();
  const late = sleep(milliseconds, false, { signal: stop.signal }).catch(() => false);
  const inTime = await Promise.race([done.then(() => true), late]);
  stop.abort();
  return inTime;
}

async function leftOf(mark: string): Promise<number[]> {
  let left = processesWith(mark);
  for (
    const end = Date.now() + PATIENCE_MS;
    left.length > 0 && Date.now() < end;
    left = processesWith(mark)
  ) {
    await sleep(20);
  }
  return left;
}

class Round {
  readonly problems: string[] = [];
  /** Milliseconds until the program ran, if it ever ran. */
  readyAfter: number | undefined;
  readonly #mark: string;
  readonly #caller: ChildProcess;
  readonly #pick: <T>(list: readonly T[]) => T | undefined;
  readonly #errors: Promise<string>;
  readonly #closed: Promise<unknown>;

  constructor(mark: string, random: () => number) {
    this.#mark = mark;
    this.#pick = (list) => list[Math.floor(random() * list.length)];
    this.#caller = spawn(process.execPath, this.#pick(CALLS) ?? [], {
      env: { ...process.env, EBPF_TS_KILLS: mark, SCRIPT },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = performance.now();
    this.#caller.stdout?.once('data', () => {
      this.readyAfter = performance.now() - started;
    });
    this.#errors = this.#caller.stderr ? text(this.#caller.stderr) : Promise.resolve('');
    this.#closed = new Promise((resolve) => this.#caller.once('close', resolve));
  }

  /** Kills a process, or signals the caller. @returns what was killed */
  strike(): string {
    const { pid: caller = 0 } = this.#caller;
    const all = processesWith(this.#mark).filter((pid) => pid !== caller);
    const helpers = all.filter((pid) => nameOf(pid).includes('ebpf-ts-ns'));
    const programs = all.filter((pid) => /^(sh|sleep) /.test(nameOf(pid)));
    const victim = this.#pick(VICTIMS) ?? 'caller';
    const one = (pids: readonly number[]): number[] => [this.#pick(pids) ?? caller];
    const signal = victim === 'signal' ? (this.#pick(SIGNALS) ?? 'SIGTERM') : 'SIGKILL';
    const targets = {
      ...{ caller: [caller], signal: [caller], group: [-caller] },
      ...{ helper: one(helpers), program: one(programs), 'caller and helper': [caller, ...one(helpers)] },
    }[victim];
    const [first = 0] = targets;
    // The chosen process may not have existed yet. Then the caller is killed instead.
    const name = first === caller && !victim.startsWith('caller') && victim !== 'signal' ? 'caller' : victim;
    const which = name !== 'helper' ? name : parentIs(first, caller) ? 'front' : 'supervisor or child';
    kill(targets, signal);
    return victim === 'signal' ? signal : which;
  }

  /** Waits for the end. @returns how the caller ended */
  async end(victim: string): Promise<string> {
    // The victim may be a process that the program started. The run does not end with it, so the caller is told to end.
    if (victim === 'program' && !(await within(1000, this.#closed))) kill([this.#caller.pid ?? 0], 'SIGTERM');
    if (!(await within(PATIENCE_MS, this.#closed))) this.problems.push('the run does not end');
    const left = await leftOf(this.#mark);
    for (const pid of left) this.problems.push(`left behind: process ${pid}: ${nameOf(pid)}`);
    kill([...left, this.#caller.pid ?? 0], 'SIGKILL');
    const errors = await this.#errors;
    if (/^ {4}at |^node:|Uncaught/m.test(errors)) this.problems.push(`an uncaught exception:\n${errors}`);
    const { exitCode, signalCode } = this.#caller;
    return signalCode ?? `status ${exitCode}`;
  }
}

function parentIs(pid: number, parent: number): boolean {
  try {
    return parentOf(pid) === parent;
  } catch {
    return false;
  }
}

export async function killRounds({ rounds, seconds, seed }: KillOptions): Promise<KillResult> {
  const random = randomFrom(seed);
  const counts = new Map<string, number>();
  const problems: string[] = [];
  const end = Date.now() + seconds * 1000;
  let done = 0;
  // Half of the moments are before the program runs, or more of them at first on slow machines.
  for (let longest = 1000; done < rounds && Date.now() < end; done++) {
    const round = new Round(`${process.pid}.${done}.`, random);
    await sleep(random() * longest);
    const victim = round.strike();
    const key = `${victim}: ${await round.end(victim)}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    problems.push(...round.problems.map((problem) => `round ${done} (seed ${seed}), ${key}: ${problem}`));
    longest = Math.min(8000, round.readyAfter === undefined ? 1.1 * longest : 2 * round.readyAfter);
  }
  return { rounds: done, counts, problems };
}
