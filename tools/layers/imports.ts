import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The modules of src/ by path, and for each what it names in imports of any kind, including type imports. */
export type Imports = ReadonlyMap<string, readonly string[]>;

const NAMED = /(?:\bfrom|\bimport|\brequire|\bgetBuiltinModule)\s*\(?\s*'([^']+)'/g;
const COMMENT = /\/\*.*?\*\/|^\s*\/\/.*$/gms;

/** Reads the imports. A module of src/ is given by its path there, any other module as the source names it. */
export function readImports(root: string): Imports {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  return new Map(names.sort().map((name) => [name, importsOf(name, readFileSync(join(root, name), 'utf8'))]));
}

export function importsOf(name: string, source: string): string[] {
  const targets = [...source.replace(COMMENT, '').matchAll(NAMED)].map(([, target = '']) =>
    // Dynamic imports name the built file.
    target.startsWith('.') ? join(name, '..', target).replace(/\.js$/, '.ts') : target,
  );
  return [...new Set(targets)];
}
