/** Our side of the contenders' language (bench/peers/c/serve.h). */
import { readSync, writeSync } from 'node:fs';

/** What a case does; making it is its untimed set-up. */
interface Prepared {
  /** Untimed, before each round. */
  prepare?(count: number): void;
}

/** Most cases: the harness times all of `run`. */
interface Timed extends Prepared {
  run(count: number): void;
}

/** A case that gives the nanoseconds of a part of what it does. */
interface Measured extends Prepared {
  measure(count: number): number;
}

export type Contender = Timed | Measured;

const buffer = Buffer.alloc(64);
let pending = '';

/** The next line of standard input, without polling or an event loop; undefined at its end. */
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

/** Runs operations; gives the nanoseconds they took. */
function timed(contender: Contender, count: number): number | bigint {
  if ('measure' in contender) return contender.measure(count);
  const start = process.hrtime.bigint();
  contender.run(count);
  return process.hrtime.bigint() - start;
}

export function serve(contender: Contender): void {
  writeSync(1, 'ready\n');
  for (let line = readLine(); line !== undefined; line = readLine()) {
    const count = Number(line);
    contender.prepare?.(count);
    writeSync(1, `${timed(contender, count)}\n`);
  }
}
