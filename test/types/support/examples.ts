import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Sample } from './docs.ts';

const COMMENT = /\/\*\*.*?\*\//gs;
const FENCED = /^```ts\n(.*?)^```$/gms;
const UNFENCED = /^@example\n(?!```)(.*?)(?=^@|$(?!\n))/gms;

/** Names that examples of doc comments may use without declaring them: they stand for the reader's own objects. */
const GIVEN: Readonly<Record<string, string>> = {
  map: "import('ebpf-ts').HashMap<number, bigint>",
  program: "import('ebpf-ts').Program",
  ring: "import('ebpf-ts').RingMap",
  samples: "import('ebpf-ts').PerfEventArrayMap<number, number>",
  counters: "import('ebpf-ts').HashMap<number, bigint>",
  types: "import('ebpf-ts/btf').BtfTypes",
  btf: "import('ebpf-ts/btf').BtfBuilder",
  view: 'DataView',
  t: "import('node:test').TestContext",
};

/**
 * The examples of the doc comments: code fenced as `ts`, and code after `@example`. Each becomes a separate program,
 * which imports the package's names that it uses, and declares the reader's own objects.
 */
export async function sourceExamples(folder: string): Promise<Sample[]> {
  const imports = await importsByName();
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .sort()
    .flatMap((file) =>
      examplesOf(readFileSync(join(folder, file), 'utf8')).map((code, index) => ({
        name: `${file.replace(/\.ts$/, '').replaceAll('/', '-')}-${index + 1}`,
        text: asProgram(code, imports),
      })),
    );
}

/** The code of the examples in a source text. */
export function examplesOf(source: string): string[] {
  return [...source.matchAll(COMMENT)].flatMap(([comment]) => {
    const lines = comment.slice('/**'.length, -'*/'.length).split('\n');
    const text = `${lines.map((line) => line.replace(/^\s*\* ?/, '')).join('\n')}\n`;
    return [...text.matchAll(FENCED), ...text.matchAll(UNFENCED)].map(([, code = '']) => code);
  });
}

/** Puts the code in a function. There it may use `return`, and declare names again that are imported or given. */
function asProgram(code: string, imports: ReadonlyMap<string, string>): string {
  const names = new Set(code.match(/[\w$]+/g));
  const given = Object.keys(GIVEN).filter((name) => names.has(name));
  const imported = [...imports].filter(([name]) => names.has(name) && !given.includes(name));
  return [
    ...imported.map(([name, path]) => `import { ${name} } from '${path}';`),
    ...given.map((name) => `declare const ${name}: ${GIVEN[name]};`),
    `export async function example() {\n${code}}\n`,
  ].join('\n');
}

/** Which path each exported value is imported from. The root comes before the sub-paths. */
async function importsByName(): Promise<ReadonlyMap<string, string>> {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Readonly<Record<string, string | { readonly default: string }>>;
  };
  const found = new Map([['readFileSync', 'node:fs']]);
  for (const [path, entry] of Object.entries(exports)) {
    // Importing the leak check starts it.
    if (typeof entry === 'string' || path === './testing/leak-check') continue;
    const module = (await import(pathToFileURL(entry.default).href)) as object;
    for (const name of Object.keys(module)) {
      if (!found.has(name)) found.set(name, `ebpf-ts${path.slice(1)}`);
    }
  }
  return found;
}
