/**
 * Fails if a source file
 * - imports from a layer below its own. The layers are those of docs/architecture.md, top first. Folders on one line
 *   may use each other.
 * - reaches the operating system from a layer above `sys`.
 * - imports past the index of another folder (`layers/entrances.ts` has the rule and its exceptions).
 * - is part of a circle of imports, including imports of types. Folders may not form a circle either.
 */
import { resolve } from 'node:path';
import { findCircles, foldersOf } from './layers/circles.ts';
import { importsPastIndex, SIDE_ENTRANCES } from './layers/entrances.ts';
import { readImports } from './layers/imports.ts';

const LAYERS: readonly (readonly string[])[] = [
  ['errors'],
  ['bytes'],
  ['elf', 'btf', 'abi'],
  ['asm', 'names', 'sections'],
  ['sys'],
  ['token'],
  ['verifier-log'],
  ['btf-object', 'map', 'program'],
  ['link'],
  ['collection'],
  ['events'],
  ['ringbuf', 'perf', 'trace', 'features'],
  ['testing'],
  ['cli'],
];
/** Modules of Node that reach the operating system. Layers above `sys` must stay importable anywhere. */
const IMPURE = /^node:(fs|child_process|net|module|process|worker_threads)/;
const PURE_UNTIL = LAYERS.findIndex((layer) => layer.includes('sys'));

const imports = readImports(resolve('src'));
const problems: string[] = [];

function layerOf(name: string): number {
  const [folder = ''] = name.split('/');
  const index = LAYERS.findIndex((layer) => layer.includes(folder));
  if (index === -1) problems.push(`src/${name}: folder "${folder}" has no layer`);
  return index;
}

for (const [name, targets] of imports) {
  if (!name.includes('/')) continue;
  const own = layerOf(name);
  for (const target of targets) {
    if (target.startsWith('../')) {
      if (!target.endsWith('/package.json')) problems.push(`src/${name}: imports ${target}, outside src/`);
    } else if (imports.has(target)) {
      if (target.includes('/') && layerOf(target) > own)
        problems.push(`src/${name}: imports ${target}, a layer below its own`);
    } else if (own < PURE_UNTIL && IMPURE.test(target)) {
      problems.push(`src/${name}: imports ${target}, but its layer is pure`);
    }
  }
}
problems.push(...importsPastIndex(imports, SIDE_ENTRANCES));
for (const graph of [imports, foldersOf(imports)]) {
  problems.push(...findCircles(graph).map((circle) => `circle of imports: ${circle}`));
}

for (const problem of new Set(problems)) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log('layers: every import points upwards and through an index, none in a circle');
