/** Module hooks that add counters to the code that is fuzzed. */
import { readFileSync } from 'node:fs';
import type { LoadHook } from 'node:module';
import { fileURLToPath } from 'node:url';
import { COUNTER_COUNT, instrument } from './instrument.ts';

/** The readers. Everything else would only add noise. */
const WATCHED = /\/dist\/src\/(bytes|elf|btf|asm|collection\/(spec|sections|link))\//;

let used = 0;

export const load: LoadHook = (url, context, nextLoad) => {
  if (!WATCHED.test(url)) return nextLoad(url, context);
  const source = instrument(readFileSync(fileURLToPath(url), 'utf8'), () => used++ % COUNTER_COUNT);
  return { format: 'module', source, shortCircuit: true };
};
