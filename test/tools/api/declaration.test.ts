import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import ts from 'typescript-6';
import { describe, type Exports, isTypeOnly, resolved } from '../../../tools/api/declaration.ts';
import { hiddenMentions } from '../../../tools/api/mentions.ts';
import { strictOptions } from '../../../tools/api/strict-options.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-api-'));
after(() => rmSync(folder, { recursive: true }));

/** Writes declaration files. Returns what the first of them exports. */
function exportsOf(files: Readonly<Record<string, string>>): [ReadonlyMap<string, ts.Symbol>, Exports] {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const [entry = ''] = Object.keys(files).map((name) => join(folder, name));
  const program = ts.createProgram([entry], { module: ts.ModuleKind.NodeNext, types: [] });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  assert.ok(module);
  const symbols = new Map<string, ts.Symbol>();
  for (const symbol of checker.getExportsOfModule(module)) {
    symbols.set(symbol.name, resolved(symbol, checker) ?? symbol);
  }
  return [symbols, { checker, symbols: new Set(symbols.values()) }];
}

const index = `
import type { run as Run, Hidden } from './inner.js';
export { Reader, type Name, Internal as Renamed } from './inner.js';
export * as numbers from './numbers.js';
export declare const start: typeof Run;
export declare function hide(hidden: Hidden): Hidden;
`;
const inner = `/** The file. */
/** The base. */
declare class Base<T> {
    #private;
    /** How many. */
    protected count: number;
    /** Closes it. */
    close(): void;
    read(): T;
}
/** Reads. */
export declare class Reader<T> extends Base<T> implements Iterable<T> {
    #own;
    private constructor();
    /** Reads one. */
    read(): T;
    private more;
    static open(): Reader<number>;
    [Symbol.iterator](): Iterator<T>;
}
/** Made inside. */
export declare class Internal {
    /** @internal */
    constructor(hidden: Hidden);
}
export interface Hidden {
    a: number;
}
declare const names: {
    readonly b: 2;
    readonly a: 1;
};
/** The names. */
export type Name = keyof typeof names;
/** Runs. */
export declare function run(): void;
`;
const options = `
export interface RunOptions {
    readonly a?: string;
    readonly b?: string | undefined;
    readonly c?: unknown;
    readonly d: number;
}
export interface RunInfo {
    readonly a?: string;
}
`;
const numbers = '/** The first. */\nexport declare const one: 1;\n';

test('an export is described under its name, with what is public of it', () => {
  const [symbols, exports] = exportsOf({
    'index.d.ts': index,
    'inner.d.ts': inner,
    'numbers.d.ts': numbers,
  });
  const text = (name: string): string => {
    const symbol = symbols.get(name);
    assert.ok(symbol, name);
    return describe(name, symbol, exports);
  };
  assert.equal(
    text('Reader'),
    `/** Reads. */
class Reader<T> implements Iterable<T> {
    private constructor();
    /** Reads one. */
    read(): T;
    static open(): Reader<number>;
    [Symbol.iterator](): Iterator<T>;
    /** Closes it. */
    close(): void;
}`,
  );
  assert.equal(text('Renamed'), '/** Made inside. */\nclass Renamed {\n    private constructor();\n}');
  assert.equal(text('Name'), "/** The names. */\ntype Name =\n    | 'b'\n    | 'a';");
  assert.equal(text('start'), '/** Runs. */\nfunction start(): void;');
  assert.equal(text('numbers'), 'namespace numbers {\n    /** The first. */\n    const one: 1;\n}');
  const hidden = [...symbols].map(([name, symbol]) => [name, ...hiddenMentions(symbol, exports)]);
  assert.deepEqual(
    hidden.filter(([, ...mentions]) => mentions.length > 0),
    [
      ['hide', 'Hidden'],
      ['Reader', 'Base'],
    ],
  );
});

test('options that cannot be undefined are found', () => {
  const [symbols] = exportsOf({ 'options.d.ts': options });
  const strict = [...symbols].map(([name, symbol]) => [name, ...strictOptions(name, symbol)]);
  assert.deepEqual(strict, [['RunOptions', 'a'], ['RunInfo']]);
});

test('an export of which only the type can be imported is told from a value', () => {
  writeFileSync(
    join(folder, 'classes.d.ts'),
    'export declare class A {}\nexport declare class B {}\nexport interface C {}\n',
  );
  writeFileSync(
    join(folder, 'through.d.ts'),
    "export type { A } from './classes.js';\nexport { B, C } from './classes.js';\n",
  );
  const entry = join(folder, 'only.d.ts');
  writeFileSync(
    entry,
    "export { A, B } from './through.js';\nexport { type B as OnlyB, type C } from './through.js';\nexport declare class D {}\n",
  );
  const program = ts.createProgram([entry], { module: ts.ModuleKind.NodeNext, types: [] });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  assert.ok(module);
  const names = checker.getExportsOfModule(module).filter((symbol) => isTypeOnly(symbol, checker));
  assert.deepEqual(names.map(({ name }) => name).sort(), ['A', 'OnlyB']);
});
