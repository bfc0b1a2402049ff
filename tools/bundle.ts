/**
 * Joins the compiled modules into a few files in `dist/lib`, which are the files that users import. Node takes about
 * half a millisecond per module, so importing the small modules of `dist/src` took longer than starting Node. Names
 * stay, and source maps lead to `src/`, where the comments are.
 *
 * A second result, `dist/facades`, has one file for each module. It takes that module's names from the joined files.
 * `tools/pack.ts` runs the tests on these facades.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type OutputChunk, type Plugin, rollup } from '@rollup/wasm-node';
import ts from 'typescript-6';

/**
 * The joined files, and the modules of each. The first pattern that matches counts. The modules that start a test under
 * a token are separate from the rest of their layers, because two processes load them for each such test. Every other
 * layer has one file. In the layers testing and cli, the other modules stay separate and are loaded when they are
 * needed.
 */
const FILES: readonly (readonly [file: string, modules: RegExp])[] = [
  [
    'formats/names',
    /^(errors\/.*|abi\/(name-table|capabilities|generated\/(attach-types|commands|map-types|program-types)))\.js$/,
  ],
  // The root of the package needs none of these.
  [
    'formats/more',
    /^(btf\/c\/|elf\/(functions|usdt-|versions)|asm\/(alu|atomic|call|disassemble|format|jump|memory|register|wide)|abi\/(generated\/(flag-tables|helper-flags|helpers|iter-link-info|perf-event)|iter-link-info|perf-event)|btf\/member|names\/)/,
  ],
  [
    'system/more',
    /^sys\/(claim|interfaces|inventory|kernel-functions|mount\.|netlink|perf-event|poller|readable-set|shared-poller|signals|socket-options|traceable-functions|tracefs)/,
  ],
  ['formats/all', /^(errors|bytes|elf|btf|abi|asm|names|sections)\//],
  [
    'system/start',
    /^(sys\/(binding|capabilities|file-system|kernel-file|mountinfo|seccomp|syscall)|token\/delegation\/.*)\.js$/,
  ],
  ['system/helper', /^sys\/helper(-[a-z]+)*\.js$/],
  ['system/all', /^(sys|token)\//],
  ['objects/all', /^(verifier-log|btf-object|map|program|collection)\//],
  // Its name is that of the module by which the reporter of a child recognises a test.
  ['testing/run-target', /^testing\/(run-with-token|child\/(run-target|state))\.js$/],
  ['testing/setup', /^testing\/(id-maps|readback|setup-error|timeout)\.js$/],
  ['testing/parent/all', /^testing\/(parent\/(?!run-child).*|transport\/(decode-error|frame-reader))\.js$/],
];

/** Comments would make each import slower by 2 ms. Readers find them in `src/`, where the source maps lead. */
const WITHOUT_COMMENTS: ts.CompilerOptions = {
  removeComments: true,
  sourceMap: true,
  allowJs: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.ESNext,
};

const source = resolve('dist/src');
const FACADE = '\0facade:';

/** Lists the sources, because compiled files may remain from sources that are gone. */
const modules: readonly string[] = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replace(/\.ts$/, '.js'))
  .sort();

/** The joined file of a module. Undefined for a module that stays separate. */
function fileOf(name: string): string | undefined {
  const [file] = FILES.find(([, pattern]) => pattern.test(name)) ?? [];
  const layer = dirname(name).split('/')[0] ?? '';
  return file ?? (['.', 'testing', 'cli'].includes(layer) ? undefined : `${layer}/all`);
}

/** The modules that users import, as package.json names them. */
const publicModules = [
  ...readFileSync('package.json', 'utf8').matchAll(/"(?:\.\/)?dist\/lib\/(.+\.js)"/g),
].map(([, name = '']) => name);

/** Modules that others load by their paths when they need them (`src/collection/link-layer.ts`). */
const loadedLater: readonly string[] = ['link/attach/index.js'];

/**
 * Reads modules with their source maps, so that the source maps of the joined files lead to the TypeScript. A facade is
 * an entry that passes on the names of one module.
 */
const modulesAndFacades: Plugin = {
  name: 'modules-and-facades',
  resolveId: (id) => (id.startsWith(FACADE) ? id : null),
  load(id) {
    if (id.startsWith(FACADE))
      return `export * from '${join(source, id.slice(FACADE.length).replace(/^(lib|facades)\//, ''))}';`;
    return { code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') };
  },
  transform(code, id) {
    if (id.startsWith(FACADE)) return null;
    const { outputText, sourceMapText = '' } = ts.transpileModule(code, {
      fileName: id,
      compilerOptions: WITHOUT_COMMENTS,
    });
    return { code: outputText, map: sourceMapText };
  },
};

/** Paths relative to a module. They must stay valid in its joined file. */
const PATH = /(?:require|new URL)\(['`]\.[^'`]+['`]/;

/** @throws Error if a module loads something by a relative path, and its joined file is at another depth */
function checkPaths({ fileName, moduleIds }: OutputChunk): void {
  const depth = (file: string): number => file.split('/').length;
  for (const id of moduleIds.filter((each) => !each.startsWith(FACADE))) {
    const name = relative(source, id);
    const [path] = readFileSync(id, 'utf8').match(PATH) ?? [];
    if (path !== undefined && depth(`lib/${name}`) !== depth(fileName))
      throw new Error(`${name} has ${path}…), which means something else in ${fileName}`);
  }
}

/** Writes the facade of a module that has a file to itself. */
function writeFacade(target: string, { fileName, exports }: OutputChunk): void {
  const file = join(target, fileName.replace('lib', 'facades'));
  const path = relative(dirname(file), join(target, fileName));
  mkdirSync(dirname(file), { recursive: true });
  const also = exports.includes('default') ? `export { default } from '${path}';\n` : '';
  writeFileSync(file, `export * from '${path}';\n${also}`);
}

/** Writes the joined files to `lib` in a folder, and the facades to `facades`. Returns the number of joined files. */
async function bundle(target: string): Promise<number> {
  for (const [file, pattern] of FILES) {
    if (!modules.some((name) => pattern.test(name) && fileOf(name) === file))
      throw new Error(`Cannot join the modules: no module is left for ${file}, ${pattern}`);
  }
  const alone = modules.filter((name) => fileOf(name) === undefined);
  const joined = modules.filter((name) => fileOf(name) !== undefined);
  const facades = [
    ...[...publicModules, ...loadedLater]
      .filter((name) => !alone.includes(name))
      .map((name) => `lib/${name}`),
    ...joined.map((name) => `facades/${name}`),
  ];
  const build = await rollup({
    input: Object.fromEntries([
      ...alone.map((name) => [`lib/${name}`, join(source, name)]),
      ...facades.map((name) => [name, FACADE + name]),
    ]),
    plugins: [modulesAndFacades],
    // As package.json says, modules have no side effects. So a module that only passes on names of another is not
    // loaded.
    treeshake: { moduleSideEffects: false },
    external: (id) => !id.startsWith('.') && !id.startsWith('/') && !id.startsWith(FACADE),
    onwarn: ({ code, message }) => {
      // The compiler's helper for `using` reads `this` at the top level on purpose. Some modules have only types.
      if (code === 'THIS_IS_UNDEFINED' || code === 'EMPTY_BUNDLE') return;
      throw new Error(`Cannot join the modules: ${message}`);
    },
  });
  for (const folder of ['lib', 'facades']) rmSync(join(target, folder), { recursive: true, force: true });
  const { output } = await build.write({
    dir: target,
    format: 'es',
    entryFileNames: ({ name }) => name,
    chunkFileNames: 'lib/[name].js',
    manualChunks: (id) => fileOf(relative(source, id)),
    onlyExplicitManualChunks: true,
    hoistTransitiveImports: false,
    minifyInternalExports: false,
    sourcemap: true,
    sourcemapExcludeSources: true,
  });
  await build.close();
  const chunks = output.filter((file) => file.type === 'chunk');
  for (const chunk of chunks) {
    checkPaths(chunk);
    if (alone.includes(chunk.name.slice('lib/'.length))) writeFacade(target, chunk);
  }
  return chunks.filter(({ fileName }) => fileName.startsWith('lib/')).length;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(`package: ${await bundle('dist')} files in dist/lib`);
}
