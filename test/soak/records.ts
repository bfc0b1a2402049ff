/**
 * `npm run soak:records [seconds]` sends millions of records through small rings, with several producers at once, and
 * readers that throw, abort, close, reopen and are terminated. It runs for a minute by default, which the parts share.
 * Every record is checked: it is whole and in order, and none is lost or read twice. Where the kernel drops records, it
 * must tell how many.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { needsRoot } from '../ringbuf/support.ts';
import { soakHeap } from './heap.ts';
import { soakPerf } from './perf.ts';
import { soakRing } from './ring.ts';
import { soakUserRing } from './user-ring.ts';
import { soakWorkers } from './workers.ts';

/** The result of one part. */
export interface Outcome {
  readonly counts: string;
  readonly problems: readonly string[];
}

const parts: Readonly<Record<string, (until: number) => Promise<Outcome>>> = {
  'a ring of 4 KiB': (until) => soakRing(4096, until),
  'a ring of 64 KiB': (until) => soakRing(65_536, until),
  'a ring of 1 MiB': (until) => soakRing(1 << 20, until),
  'a ring read by threads that are terminated': soakWorkers,
  'ten million records one by one': () => soakHeap(10_000_000),
  'perf buffers': soakPerf,
  'a user ring': soakUserRing,
};

async function main(seconds: number): Promise<void> {
  setFlagsFromString('--expose-gc');
  globalThis.gc = runInNewContext('gc') as typeof globalThis.gc;
  const names = Object.keys(parts);
  let failed = 0;
  for (const [name, part] of Object.entries(parts)) {
    const until = performance.now() + (seconds * 1000) / names.length;
    const { counts, problems } = await part(until).catch(
      (error: unknown): Outcome => ({ counts: 'ended early', problems: [String((error as Error).stack)] }),
    );
    if (problems.length > 0) failed++;
    console.log(`${problems.length === 0 ? 'ok' : 'not ok'} ${name}: ${counts}`);
    for (const problem of problems) console.log(`- ${problem}`);
  }
  console.log(`${names.length - failed} passed, ${failed} failed, 0 skipped`);
  if (failed > 0) process.exitCode = 1;
}

const { skip } = needsRoot();
if (skip === false) await main(Number(process.argv[2] ?? 60));
else
  console.log(
    `skipped ${Object.keys(parts).length}x: ${skip}\n0 passed, 0 failed, ${Object.keys(parts).length} skipped`,
  );
