/** Our side of the contenders' language (bench/peers/c/serve.h). */
import { readSync, writeSync } from 'node:fs';

/** What a case does. Making this object is the set-up of the case, and not timed. */
interface Prepared {
  /** Runs before each round, not timed. */
  prepare?(count: number): void;
}

/** Most cases are like this: all of `run` is timed. */
interface Timed extends Prepared {
  run(count: number): void | Promise<void>;
}

/** A case that itself returns the nanoseconds of a part of its work. */
interface Measured extends Prepared {
  measure(count: number): number | Promise<number>;
}

export type Contender = Timed | Measured;

const buffer = Buffer.alloc(64);
let pending = '';

/** Waits for the next line of standard input, without polling or an event loop. Undefined at the end. */
function readLine(): string | undefined {
  while (!pending.includes('\n')) {
    const length = readSync(0, buffer);
    if (length === 0) return undefined;
    pending += buffer.toString('latin1', 0, length);
  }
  const end = pending.indexOf('\n');
  const line = pending.slice(0, end);
  pending = pending.slice(end + 1);
  return line;
}

/** Runs operations and returns how many nanoseconds they took. */
function timed(contender: Contender, count: number): number | bigint | Promise<number | bigint> {
  if ('measure' in contender) return contender.measure(count);
  const start = process.hrtime.bigint();
  const running = contender.run(count);
  if (running instanceof Promise) return running.then(() => process.hrtime.bigint() - start);
  return process.hrtime.bigint() - start;
}

export async function serve(contender: Contender): Promise<void> {
  writeSync(1, 'ready\n');
  for (let line = readLine(); line !== undefined; line = readLine()) {
    const count = Number(line);
    contender.prepare?.(count);
    const time = timed(contender, count);
    writeSync(1, `${typeof time === 'object' ? await time : time}\n`);
  }
}
