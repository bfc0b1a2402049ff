import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { bundle } from '../../tools/bundle.ts';

const target = resolve(`dist/lib-${process.pid}`);
after(() => rmSync(target, { recursive: true, force: true }));

const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, string | { default: string }>;
};
const entries = Object.values(exports)
  .map((entry) => (typeof entry === 'string' ? entry : entry.default))
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.replace('./dist/lib/', ''));

/** The files that importing one loads, without those that are loaded later. */
function loadedBy(file: string, seen: Set<string> = new Set()): Set<string> {
  seen.add(file);
  for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)[^;]*?'(\.[^']+)';/gm)) {
    const imported = join(file, '..', path);
    if (!seen.has(imported)) loadedBy(imported, seen);
  }
  return seen;
}

test('the joined files export what the modules do, and are few', async (t) => {
  await bundle(target);
  for (const entry of entries) {
    await t.test(entry, async () => {
      const load = async (file: string): Promise<string[]> =>
        Object.keys((await import(pathToFileURL(file).href)) as object).sort();
      assert.deepEqual(await load(join(target, entry)), await load(join(resolve('dist/src'), entry)));
    });
  }
  const files = [...loadedBy(join(target, 'index.js'))].map((file) => file.slice(target.length + 1));
  assert.deepEqual(files.sort(), [
    ...['formats/all.js', 'formats/names.js', 'index.js', 'objects/all.js'],
    ...['system/all.js', 'system/start.js'],
  ]);
  // A test that runs under a token loads these in both of its processes.
  const testing = [...loadedBy(join(target, 'testing/index.js'))].map((file) =>
    file.slice(target.length + 1),
  );
  assert.deepEqual(testing.sort(), ['testing/index.js', 'testing/run-target.js']);
  for (const file of loadedBy(join(target, 'index.js'))) {
    const text = readFileSync(file, 'utf8');
    assert.doesNotMatch(text, /^\s*\/\*\*/m, `${file}: comments are left out`);
    assert.equal(Buffer.byteLength(text), text.length, `${file}: all of it is ASCII`);
    assert.doesNotMatch(text, /^import[^;]* from 'node:/m, `${file}: builtin modules are not imported`);
  }
  // What only deals with formats must not need Linux.
  assert.equal(
    [...loadedBy(join(target, 'asm/index.js'))].some((file) => file.includes('system')),
    false,
  );
});
