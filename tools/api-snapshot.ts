/**
 * Writes what users can import to docs/api.txt: the names of each path of the package, with their public declarations
 * and doc comments. So changes show in review. `--check` compares instead, and fails if there are differences. `--gaps`
 * lists where the declarations fall short of docs/api-rules.md: types that they mention and nobody can import, and
 * members of options that may be left out but not be `undefined`.
 *
 * It reads the declarations in dist/src through the API of TypeScript 6, because TypeScript 7 has none.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript-6';
import { describe, type Exports, isTypeOnly, resolved } from './api/declaration.ts';
import { hiddenMentions } from './api/mentions.ts';
import { strictOptions } from './api/strict-options.ts';

const SNAPSHOT = 'docs/api.txt';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types?: string }>>;
}

/** The exports of each path of the package, by name. */
type Paths = ReadonlyMap<string, ReadonlyMap<string, ts.Symbol>>;

/** All exports, and those of which only the type is exported, as `path name`. */
interface Surface {
  readonly paths: Paths;
  readonly typeOnly: ReadonlySet<string>;
  readonly checker: ts.TypeChecker;
}

function readPaths(): Surface {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
  const files = new Map<string, string>();
  for (const [path, entry] of Object.entries(exports)) {
    if (typeof entry === 'string' || entry.types === undefined) continue;
    if (!existsSync(entry.types)) throw new Error(`package.json: exports["${path}"]: no file ${entry.types}`);
    files.set(`ebpf-ts${path.slice(1)}`, entry.types);
  }
  const program = ts.createProgram([...files.values()], {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2023,
    types: ['node'],
  });
  const checker = program.getTypeChecker();
  const paths = new Map<string, ReadonlyMap<string, ts.Symbol>>();
  const typeOnly = new Set<string>();
  for (const [path, file] of files) {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    const symbols = (module ? checker.getExportsOfModule(module) : []).flatMap((symbol) => {
      const target = resolved(symbol, checker);
      if (isTypeOnly(symbol, checker)) typeOnly.add(`${path} ${symbol.name}`);
      return target === undefined ? [] : [[symbol.name, target] as const];
    });
    paths.set(path, new Map(symbols.sort(([a], [b]) => (a < b ? -1 : 1))));
  }
  return { paths, typeOnly, checker };
}

/** Stands in front of a class that can be named but not imported as a value. */
const TYPE_ONLY = '// Only the type can be imported.\n';

/** Prints all exports. Each one is described where it comes first. */
function print({ paths, typeOnly }: Pick<Surface, 'paths' | 'typeOnly'>, exports: Exports): string {
  const described = new Map<ts.Symbol, string>();
  return [...paths]
    .map(([path, names]) => {
      const again = new Map<string, string[]>();
      const texts: string[] = [];
      for (const [name, symbol] of names) {
        const place = described.get(symbol);
        const onlyType = typeOnly.has(`${path} ${name}`);
        if (place === undefined) {
          described.set(symbol, path);
          texts.push(`${onlyType ? TYPE_ONLY : ''}${describe(name, symbol, exports)}`);
        } else again.set(place, [...(again.get(place) ?? []), onlyType ? `type ${name}` : name]);
      }
      const references = [...again].map(([place, list]) => `As in ${place}: ${list.join(', ')}`);
      return [`# ${path}`, ...references, ...texts].join('\n\n');
    })
    .join('\n\n\n');
}

function printGaps(paths: Paths, exports: Exports): void {
  let found = false;
  for (const [path, names] of paths) {
    for (const [name, symbol] of names) {
      const hidden = hiddenMentions(symbol, exports);
      const strict = strictOptions(name, symbol);
      if (hidden.size > 0) console.error(`${path}: ${name} mentions ${[...hidden].join(', ')}`);
      if (strict.length > 0) console.error(`${path}: ${name} takes no undefined for ${strict.join(', ')}`);
      found ||= hidden.size > 0 || strict.length > 0;
    }
  }
  if (found) process.exit(1);
  console.log('every type that is mentioned can be imported, and every option may be undefined');
}

function compare(text: string): void {
  const committed = existsSync(SNAPSHOT) ? readFileSync(SNAPSHOT, 'utf8') : '';
  if (committed === text) {
    console.log(`${SNAPSHOT}: the public surface is as recorded`);
    return;
  }
  const before = new Set(committed.split('\n'));
  const after = new Set(text.split('\n'));
  for (const line of before) if (!after.has(line)) console.error(`- ${line}`);
  for (const line of after) if (!before.has(line)) console.error(`+ ${line}`);
  console.error(`${SNAPSHOT} differs from the public surface: run "npm run api" and review the difference`);
  process.exit(1);
}

const { paths, typeOnly, checker } = readPaths();
const exports: Exports = {
  checker,
  symbols: new Set([...paths.values()].flatMap((names) => [...names.values()])),
};
const text = `${print({ paths, typeOnly }, exports)}\n`;
if (process.argv.includes('--gaps')) printGaps(paths, exports);
else if (process.argv.includes('--check')) compare(text);
else {
  writeFileSync(SNAPSHOT, text);
  console.log(`${SNAPSHOT}: ${exports.symbols.size} names`);
}
