/**
 * Joins the compiled modules into few files, `dist/lib`: what users import. Node takes about half a
 * millisecond per module, so that the 160 small ones of `dist/src` took longer to import than Node to start.
 * Tests, benchmarks of parts, and types keep using those.
 *
 * A joined file stands as deep as its modules did (`dist/lib/system/all.js`, `dist/src/sys/binding.js`), so
 * that paths from `import.meta.url` mean the same in both.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Plugin, type RollupOptions, rollup } from '@rollup/wasm-node';
import { minify } from 'terser';

const source = resolve('dist/src');
/** The layer whose entries are more than the package's: it loads files by path, in other processes too. */
const TESTING = 'testing';
/**
 * Layers that are joined into one file: those that run on any system and must not bring along the others, those that
 * every use of the kernel needs, and those of the package's root. What the root needs nothing of is a second file. Any
 * other layer has a file to itself.
 */
const JOINED: Readonly<Record<string, readonly string[]>> = {
  formats: ['errors', 'bytes', 'elf', 'btf', 'abi', 'names', 'asm'],
  system: ['sys', 'token'],
  objects: ['handle', 'map', 'program', 'collection'],
};

/**
 * Modules that are joined apart from the rest of their layer, because starting a program under a token needs no
 * more than them: a test that runs under one starts that much sooner. No entry may be among them: the joined file
 * would take its place, at another depth.
 */
const APART: Readonly<Record<string, RegExp>> = {
  'formats/names':
    /^(errors\/.*|abi\/(name-table|capabilities|generated\/(attach-types|commands|map-types|program-types)))\.js$/,
  'system/start':
    /^(sys\/(binding|capabilities|kernel-file|mountinfo|seccomp|syscall)|token\/(delegation|permission-names))\.js$/,
  'system/helper': /^sys\/helper(-[a-z]+)*\.js$/,
  // Named for the module that the reporter of a child knows a test by.
  'testing/run-target': /^testing\/(run-with-token|child\/(run-target|state))\.js$/,
  'testing/setup': /^testing\/(id-maps|readback|setup-error|timeout)\.js$/,
  'testing/parent/all': /^testing\/(parent\/(?!run-child).*|transport\/(decode-error|frame-reader))\.js$/,
};

interface Package {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  readonly bin: Readonly<Record<string, string>>;
}

/** Paths from where a module stands, which its joined file must keep. */
const PATHS = /(?:require|new URL)\(['`](\.[^'`]+)['`]/g;

/** What the modules of the testing layer load by path. */
function loadedByPath(): string[] {
  const folder = join(source, TESTING);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js'))
    .flatMap((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      return [...text.matchAll(PATHS)].map(([, path = '']) => join(TESTING, name, '..', path));
    });
}

/** The modules that are looked up by their path: the package's own entries, and those of testing. */
function entries(): string[] {
  const { exports, bin } = JSON.parse(readFileSync('package.json', 'utf8')) as Package;
  const files = [
    ...Object.values(exports).map((entry) => (typeof entry === 'string' ? entry : entry.default)),
  ]
    .concat(Object.values(bin))
    .filter((file) => file.endsWith('.js'))
    .map((file) => relative('dist/lib', file));
  return [...new Set([...files, ...loadedByPath()])];
}

/** Whether a module only passes others through, and is nothing itself. */
const isPassage = (id: string): boolean => id.endsWith('/index.js');

/** The modules with anything that the package's root brings along, and those that they name themselves. */
async function modulesOfRoot(): Promise<ReadonlySet<string>> {
  const imports = new Map<string, readonly string[]>();
  const collect: Plugin = {
    name: 'collect',
    moduleParsed({ id, importedIds }) {
      imports.set(id, importedIds);
    },
  };
  const build = await rollup({ ...options, input: join(source, 'index.js'), plugins: [collect] });
  const { output } = await build.generate({ format: 'es' });
  await build.close();
  const modules = output.flatMap((file) => (file.type === 'chunk' ? Object.entries(file.modules) : []));
  const found = new Set(modules.filter(([, { renderedLength }]) => renderedLength > 0).map(([id]) => id));
  for (const id of found) {
    for (const imported of imports.get(id) ?? []) if (!isPassage(imported)) found.add(imported);
  }
  return found;
}

/** The joined file of a module; undefined for one that stays with those that import it. */
function joinedFile(id: string, root: ReadonlySet<string>): string | undefined {
  const name = relative(source, id);
  const apart = Object.entries(APART).find(([, modules]) => modules.test(name));
  if (apart !== undefined) return apart[0];
  const [layer = '', ...rest] = name.split('/');
  if (rest.length === 0 || layer === 'cli' || layer === TESTING) return undefined;
  const [file = layer] = Object.entries(JOINED).find(([, layers]) => layers.includes(layer)) ?? [];
  if (!(file in JOINED)) return `${file}/all`;
  return isPassage(id) ? undefined : `${file}/${root.has(id) ? 'all' : 'more'}`;
}

/** Builtin modules that take long to load and most processes never need, or not before they wait for another. */
const LATE = ['node:child_process', 'node:fs/promises', 'node:v8', 'node:zlib'];

/** The same names without `import`, which makes Node load what is behind every name of a builtin module. */
function takeBuiltin(names: string, from: string): string {
  const found = `process.getBuiltinModule('${from}')`;
  const pairs = names.split(',').map((pair) => pair.trim().split(' as '));
  if (!LATE.includes(from)) {
    return `const { ${pairs.map(([name, own = name]) => `${name}: ${own}`).join(', ')} } = ${found};`;
  }
  return pairs
    .map(([name, own = name]) => `const ${own} = (...values) => ${found}.${name}(...values);`)
    .join('\n');
}

/**
 * Takes builtin modules when they are there for the asking, and a few of them when they are first used. Drops imports of
 * files for nothing but their effects: they are there to keep an order, and no module has effects.
 */
const imports: Plugin = {
  name: 'imports',
  renderChunk: (code) =>
    code
      .replace(/^import \{ ([^}]+) \} from '(node:[^']+)';$/gm, (_, names: string, from: string) =>
        takeBuiltin(names, from),
      )
      .replace(/^import '[^']+';$/gm, ''),
};

const NAMES = { keep_classnames: true, keep_fnames: true };

/**
 * Leaves out comments, indentation and what is never reached, shortens the names of variables, and writes other
 * characters than ASCII as escapes: the engine reads each file whole before anything runs, and short text of one byte a
 * character takes it least. Lines and the names of functions and classes stay, for stack traces.
 */
const plainText: Plugin = {
  name: 'plain-text',
  async renderChunk(code) {
    const { code: plain = '' } = await minify(code, {
      module: true,
      ...NAMES,
      compress: {
        // Statements stay statements, on lines of their own, and functions stay functions.
        ...{ booleans: false, comparisons: false, conditionals: false, if_return: false, inline: false },
        ...{ join_vars: false, reduce_funcs: false, sequences: false },
      },
      format: { ascii_only: true, beautify: true, comments: false, indent_level: 0, quote_style: 3 },
    });
    return plain;
  },
};

const options: RollupOptions = {
  // As package.json says: a module that is only passed through on the way to another is not loaded.
  treeshake: { moduleSideEffects: false },
  external: (id) => !id.startsWith('.') && !id.startsWith('/'),
  onwarn: ({ code, message }) => {
    // The compiler's own helper for `using` asks for it, and means what it gets.
    if (code === 'THIS_IS_UNDEFINED') return;
    throw new Error(`Cannot join the modules: ${message}`);
  },
};

const depth = (file: string): number => file.split('/').length;

/** @throws Error when a module loads something by its path, and the joined file stands deeper than it, or less deep */
function checkPaths({ fileName, moduleIds }: { fileName: string; moduleIds: readonly string[] }): void {
  for (const id of moduleIds) {
    const name = relative(source, id);
    if (depth(name) === depth(fileName)) continue;
    const [path] = readFileSync(id, 'utf8').match(PATHS) ?? [];
    if (path !== undefined)
      throw new Error(`${name} has ${path}…), which means something else in ${fileName}`);
  }
}

/** Writes the joined files into a folder, which must stand as deep as dist/lib. Returns their names. */
export async function bundle(target: string): Promise<string[]> {
  const root = await modulesOfRoot();
  const build = await rollup({
    ...options,
    input: Object.fromEntries(entries().map((file) => [file.replace(/\.js$/, ''), join(source, file)])),
    plugins: [imports, plainText],
  });
  rmSync(target, { recursive: true, force: true });
  const { output } = await build.write({
    dir: target,
    format: 'es',
    entryFileNames: '[name].js',
    // Beside the joined files, these are the commands of the command line, which are loaded one by one.
    chunkFileNames: ({ name }) => (name.includes('/') ? '[name].js' : 'cli/[name].js'),
    manualChunks: (id) => joinedFile(id, root),
    onlyExplicitManualChunks: true,
    hoistTransitiveImports: false,
    minifyInternalExports: false,
  });
  await build.close();
  for (const file of output) if (file.type === 'chunk') checkPaths(file);
  return output.map(({ fileName }) => fileName);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(`package: ${(await bundle('dist/lib')).length} files in dist/lib`);
}
