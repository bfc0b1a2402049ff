/**
 * Joins the compiled modules into few files, `dist/lib`: what users import. Node takes about half a
 * millisecond per module, so that the 160 small ones of `dist/src` took longer to import than Node to start.
 * Tests, benchmarks of parts, and types keep using those.
 *
 * A joined file stands as deep as its modules did (`dist/lib/system/all.js`, `dist/src/sys/binding.js`), so
 * that paths from `import.meta.url` mean the same in both. Testing loads its own files by path, in other
 * processes too: those stay files of their own.
 */
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { rollup } from '@rollup/wasm-node';

const source = resolve('dist/src');
/** Layers whose modules stay files of their own. */
const SEPARATE = ['testing'];
/**
 * Layers that are joined into one file: those that run on any system and must not bring along the others,
 * those that every use of the kernel needs, and those of the package's root. Any other has a file to itself.
 */
const JOINED: Readonly<Record<string, readonly string[]>> = {
  formats: ['errors', 'bytes', 'elf', 'btf', 'abi', 'asm'],
  system: ['sys', 'token'],
  objects: ['handle', 'map', 'program'],
};

interface Package {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
  readonly bin: Readonly<Record<string, string>>;
}

/** The modules that are looked up by their path: the package's own entries, and the separate layers. */
function entries(): string[] {
  const { exports, bin } = JSON.parse(readFileSync('package.json', 'utf8')) as Package;
  const files = [
    ...Object.values(exports).map((entry) => (typeof entry === 'string' ? entry : entry.default)),
  ]
    .concat(Object.values(bin))
    .filter((file) => file.endsWith('.js'))
    .map((file) => relative('dist/lib', file));
  const separate = SEPARATE.flatMap((layer) =>
    readdirSync(join(source, layer), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.js'))
      .map((name) => join(layer, name)),
  );
  return [...new Set([...files, ...separate])];
}

/** The joined file of a module; undefined for one that stays with those that import it. */
function joinedFile(id: string): string | undefined {
  const [layer = '', ...rest] = relative(source, id).split('/');
  if (rest.length === 0 || layer === 'cli' || SEPARATE.includes(layer)) return undefined;
  const [file = layer] = Object.entries(JOINED).find(([, layers]) => layers.includes(layer)) ?? [];
  return `${file}/all`;
}

/** Writes the joined files into a folder, which must stand as deep as dist/lib. Returns their names. */
export async function bundle(target: string): Promise<string[]> {
  const build = await rollup({
    input: Object.fromEntries(entries().map((file) => [file.replace(/\.js$/, ''), join(source, file)])),
    external: (id) => !id.startsWith('.') && !id.startsWith('/'),
    onwarn: ({ code, message }) => {
      // The compiler's own helper for `using` asks for it, and means what it gets.
      if (code === 'THIS_IS_UNDEFINED') return;
      throw new Error(`Cannot join the modules: ${message}`);
    },
  });
  rmSync(target, { recursive: true, force: true });
  const { output } = await build.write({
    dir: target,
    format: 'es',
    entryFileNames: '[name].js',
    // Beside the joined files, these are the commands of the command line, which are loaded one by one.
    chunkFileNames: ({ name }) => (name.includes('/') ? '[name].js' : 'cli/[name].js'),
    manualChunks: joinedFile,
    hoistTransitiveImports: false,
    minifyInternalExports: false,
  });
  await build.close();
  return output.map(({ fileName }) => fileName);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  console.log(`package: ${(await bundle('dist/lib')).length} files in dist/lib`);
}
