/** One case of our side as a process: `node dist/bench/ours/main.js hash-lookup`. */
import { writeSync } from 'node:fs';
import { type Contender, serve } from './serve.ts';

const [name = '', ...args] = process.argv.slice(2);

/** Each is loaded alone, so that no case pays for what another one needs. */
const CASES: Readonly<Record<string, () => Promise<Contender>>> = {
  'map-create': async () => (await import('./create.ts')).mapCreate(),
  'btf-index': async () => (await import('./btf.ts')).btfIndex(),
  'btf-find': async () => (await import('./btf.ts')).btfFind(args),
};

try {
  const make = CASES[name];
  if (make === undefined) throw new Error(`no case "${name}"`);
  serve(await make());
} catch (error) {
  writeSync(1, `error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
