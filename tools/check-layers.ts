/**
 * Fails when a source file imports from a layer below its own, or touches the kernel outside `src/sys`.
 * The layers are those of docs/architecture.md, top first; folders on one line may use each other.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const LAYERS: readonly (readonly string[])[] = [
  ['errors'],
  ['bytes'],
  ['elf', 'btf', 'abi'],
  ['asm', 'names'],
  ['sys'],
  ['token'],
  ['handle', 'map', 'program'],
  ['collection'],
  ['events'],
  ['link', 'ringbuf', 'perf', 'features'],
  ['testing'],
  ['cli'],
];
/** Modules of Node that reach the operating system; layers above `sys` must stay importable anywhere. */
const IMPURE = /^node:(fs|child_process|net|module|process|worker_threads)/;
const PURE_UNTIL = LAYERS.findIndex((layer) => layer.includes('sys'));

const root = resolve('src');
const problems: string[] = [];

function layerOf(file: string): number {
  const [folder = ''] = relative(root, file).split('/');
  const index = LAYERS.findIndex((layer) => layer.includes(folder));
  if (index === -1) problems.push(`src/${relative(root, file)}: folder "${folder}" has no layer`);
  return index;
}

for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
  const file = join(root, name);
  if (!name.endsWith('.ts') || !name.includes('/')) continue;
  const own = layerOf(file);
  const text = readFileSync(file, 'utf8');
  for (const match of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
    const target = match[1] ?? '';
    if (target.startsWith('.')) {
      const imported = resolve(dirname(file), target);
      if (!imported.startsWith(`${root}/`)) {
        if (!target.endsWith('package.json')) problems.push(`src/${name}: imports ${target}, outside src/`);
      } else if (dirname(imported) !== root && layerOf(imported) > own) {
        problems.push(`src/${name}: imports ${target}, a layer below its own`);
      }
    } else if (own < PURE_UNTIL && IMPURE.test(target)) {
      problems.push(`src/${name}: imports ${target}, but its layer is pure`);
    }
  }
}

for (const problem of new Set(problems)) console.error(problem);
if (problems.length > 0) process.exit(1);
console.log('layers: every import points upwards');
