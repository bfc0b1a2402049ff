/** Our side of the contenders' language (bench/peers/c/serve.h). */
import { readSync, writeSync } from 'node:fs';

/** What a case does; making it is its untimed set-up. */
export interface Contender {
  /** Untimed, before each round. */
  prepare?(count: number): void;
  run(count: number): void;
}

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

export function serve({ prepare, run }: Contender): void {
  writeSync(1, 'ready\n');
  for (let line = readLine(); line !== undefined; line = readLine()) {
    const count = Number(line);
    prepare?.(count);
    const start = process.hrtime.bigint();
    run(count);
    const end = process.hrtime.bigint();
    writeSync(1, `${end - start}\n`);
  }
}
