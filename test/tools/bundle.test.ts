import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const library = join(root, 'dist/lib');

const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  exports: Record<string, string | { default: string }>;
};
const entries = Object.values(exports)
  .map((entry) => (typeof entry === 'string' ? entry : entry.default))
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.replace('./dist/lib/', ''));

/** The files that are loaded when one is imported, without those that are loaded later. */
function loadedBy(entry: string, seen: Set<string> = new Set()): Set<string> {
  seen.add(entry);
  const text = readFileSync(join(library, entry), 'utf8');
  for (const [, path = ''] of text.matchAll(/^(?:import|export)[^;]*?'(\.[^']+)';/gm)) {
    const imported = join(entry, '..', path);
    if (!seen.has(imported)) loadedBy(imported, seen);
  }
  return seen;
}

test('the joined files export what the modules do', async (t) => {
  for (const entry of entries) {
    await t.test(entry, async () => {
      const load = async (file: string): Promise<string[]> =>
        Object.keys((await import(pathToFileURL(file).href)) as object).sort();
      assert.deepEqual(await load(join(library, entry)), await load(join(root, 'dist/src', entry)));
    });
  }
});

test('few files are loaded for the root, and for a test under a token', () => {
  assert.deepEqual([...loadedBy('index.js')].sort(), [
    ...['formats/all.js', 'formats/names.js', 'index.js', 'objects/all.js'],
    ...['system/all.js', 'system/start.js'],
  ]);
  const start = [...loadedBy('testing/parent/run-child.js')].filter((file) => !file.startsWith('testing/'));
  assert.deepEqual(start.sort(), ['formats/names.js', 'system/helper.js', 'system/start.js']);
  // Both processes of a test under a token load these files. The errors are in the file of names, which both need
  // anyway.
  assert.deepEqual([...loadedBy('testing/index.js')].sort(), [
    ...['formats/names.js', 'testing/index.js', 'testing/run-target.js'],
  ]);
});

test('what only deals with formats does not need Linux', () => {
  for (const entry of ['asm/index.js', 'btf/index.js', 'elf/index.js']) {
    assert.deepEqual(
      [...loadedBy(entry)].filter((file) => !/^(formats|asm|btf|elf)\//.test(file)),
      [],
    );
  }
});

test('the joined files are ASCII, which the engine reads in half the time', () => {
  for (const file of loadedBy('index.js')) {
    const lines = readFileSync(join(library, file), 'utf8').split('\n');
    const other = lines.find((line) => [...line].some((character) => character > '\x7f'));
    assert.equal(other, undefined, `${file}: write "..." and ">=" in comments, and escapes in strings`);
  }
});

test('builtin modules that are slow to import are asked for in another way', () => {
  for (const file of loadedBy('index.js')) {
    assert.doesNotMatch(
      readFileSync(join(library, file), 'utf8'),
      /^import[^;]* from 'node:(fs|fs\/promises|os|path|url|util|zlib|v8|crypto|child_process)'/m,
      `${file}: see "What is built" in docs/architecture.md`,
    );
  }
});

test('source maps lead to sources that are in the package', () => {
  const files = readdirSync(library, { recursive: true, encoding: 'utf8' });
  for (const name of files.filter((file) => file.endsWith('.js'))) {
    const map = JSON.parse(readFileSync(join(library, `${name}.map`), 'utf8')) as { sources: string[] };
    for (const source of map.sources) {
      const path = resolve(dirname(join(library, name)), source);
      assert.ok(path.startsWith(join(root, 'src/')) && existsSync(path), `${name}: ${source}`);
    }
  }
});

test('stack traces show the lines of the sources', () => {
  const script = "import { struct } from 'ebpf-ts'; struct(1)";
  const words = ['--enable-source-maps', '--input-type=module', '-e', script];
  const { stderr } = spawnSync(process.execPath, words, { cwd: root, encoding: 'utf8' });
  const [, file = '', line] = /at \S*struct.*?(\/src\/bytes\/codec\/[a-z-]+\.ts):(\d+)/.exec(stderr) ?? [];
  assert.ok(file !== '', stderr);
  assert.ok(readFileSync(join(root, file), 'utf8').split('\n')[Number(line) - 1], stderr);
});
