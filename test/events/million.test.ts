// depends on: runtime
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { needsRoot } from '../needs.ts';

test('a million records come through every form, in order', needsRoot(), () => {
  const program = fileURLToPath(new URL('./million.js', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
  const forms = ['readInPlace', 'readViews', 'read', 'take', 'batches', 'run', 'for await', 'structures'];
  const lines = [...forms.map((form) => `ring buffer, ${form}`), 'perf buffers'];
  assert.deepEqual([status, stdout.trim().split('\n'), stderr], [0, lines, '']);
});
