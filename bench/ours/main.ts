/** Runs one case of our side: `node dist/bench/ours/main.js hash-lookup`. */
import { writeSync } from 'node:fs';
import { type Contender, serve } from './serve.ts';

const [name = '', ...args] = process.argv.slice(2);

/** Imports only what the case needs. */
async function make(): Promise<Contender> {
  if (name.startsWith('btf-')) {
    const { btfFind, btfIndex, btfOpenFind } = await import('./btf.ts');
    if (name === 'btf-index') return btfIndex();
    return name === 'btf-open-find' ? btfOpenFind(args) : btfFind(args);
  }
  if (name.startsWith('object-')) {
    const [file = '', except = '', part = ''] = args;
    if (name === 'object-attach') return (await import('./attach.ts')).objectAttach(file);
    if (name === 'object-load') return (await import('./load.ts')).objectLoad(file, except);
    return (await import('./load-parts.ts')).objectLoadPart(file, except, part);
  }
  if (name === 'map-create-bare') return (await import('./bare-map.ts')).bareFirstMap();
  if (name === 'ring' || name === 'perf') {
    const [size = '', form = ''] = args;
    return (await import('./records.ts')).records(name, form, Number(size));
  }
  if (name.startsWith('ring-latency')) {
    const [program = ''] = args;
    return (await import('./latency.ts')).latency(program, name === 'ring-latency' ? 0.5 : 0.99);
  }
  const contender = (await import('./maps.ts')).mapContenders[name];
  if (contender === undefined) throw new Error(`no case "${name}"`);
  return contender();
}

try {
  await serve(await make());
  // What a case has started need not be over.
  process.exit();
} catch (error) {
  writeSync(1, `error: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
