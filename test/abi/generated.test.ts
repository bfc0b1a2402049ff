import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const repository = join(fileURLToPath(import.meta.url), '..', '..', '..', '..');

test('the generated files are what the generator makes of the kept BTF', () => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(repository, 'dist', 'tools', 'generate-abi.js'), '--check'],
    { cwd: repository, encoding: 'utf8' },
  );
  assert.equal(status, 0, stderr);
  assert.match(stdout, /as generated/);
});
