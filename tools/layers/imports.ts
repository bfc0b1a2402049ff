import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The modules of src/, each by its path there, with what it names in imports of every kind, types included. */
export type Imports = ReadonlyMap<string, readonly string[]>;

const NAMED = /(?:\bfrom|\bimport|\brequire|\bgetBuiltinModule)\s*\(?\s*'([^']+)'/g;
const COMMENT = /\/\*.*?\*\/|^\s*\/\/.*$/gms;

/** Modules of src/ by their path there; others, and builtin modules, as the source names them. */
export function readImports(root: string): Imports {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return new Map(names.sort().map((name) => [name, importsOf(name, readFileSync(join(root, name), 'utf8'))]));
}

export function importsOf(name: string, source: string): string[] {
  const targets = [...source.replace(COMMENT, '').matchAll(NAMED)].map(([, target = '']) =>
    // What is loaded later is named as it is built.
    target.startsWith('.') ? join(name, '..', target).replace(/\.js$/, '.ts') : target,
  );
  return [...new Set(targets)];
}
