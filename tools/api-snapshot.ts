/**
 * Writes the public surface of the package, as its type declarations without comments, to docs/api.txt, so that a
 * change of it is seen in review. `--check` compares instead and fails when they differ.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

const SNAPSHOT = 'docs/api.txt';
const GENERATED = 'dist/src/abi/generated';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types?: string }>>;
}

/** A declaration file without comments and empty lines. */
function declarations(file: string): string {
  return readFileSync(file, 'utf8')
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s*\/\/.*$/gm, '')
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && line !== 'export {};')
    .join('\n');
}

/** The file and all it re-exports: what a user can name. */
function reachable(file: string, found: Set<string>): void {
  if (found.has(file) || file.startsWith(GENERATED)) return;
  found.add(file);
  const text = declarations(file);
  for (const [, target = ''] of text.matchAll(
    /export (?:type )?(?:\*(?: as \w+)?|\{[^}]*\}) from '(\.[^']+)'/g,
  )) {
    reachable(normalize(join(dirname(file), target.replace(/\.(js|ts)$/, '.d.ts'))), found);
  }
}

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const files = new Set<string>();
const parts: string[] = [];
for (const [path, entry] of Object.entries(exports)) {
  if (typeof entry === 'string' || entry.types === undefined) continue;
  const file = normalize(entry.types);
  if (!existsSync(file)) throw new Error(`package.json: exports["${path}"].types: no such file ${file}`);
  parts.push(`## ebpf-ts${path.slice(1)}: ${relative('dist', file)}`);
  reachable(file, files);
}
for (const file of [...files].sort()) parts.push(`# ${relative('dist', file)}\n${declarations(file)}`);
const text = `${parts.join('\n\n')}\n`;

if (!process.argv.includes('--check')) {
  writeFileSync(SNAPSHOT, text);
  console.log(`${SNAPSHOT}: ${files.size} files`);
} else {
  const committed = existsSync(SNAPSHOT) ? readFileSync(SNAPSHOT, 'utf8') : '';
  if (committed !== text) {
    const before = new Set(committed.split('\n'));
    const after = new Set(text.split('\n'));
    for (const line of committed.split('\n')) if (!after.has(line)) console.error(`- ${line}`);
    for (const line of text.split('\n')) if (!before.has(line)) console.error(`+ ${line}`);
    console.error(`${SNAPSHOT} differs from the public surface: run "npm run api" and review the difference`);
    process.exit(1);
  }
  console.log(`${SNAPSHOT}: the public surface is as recorded`);
}
