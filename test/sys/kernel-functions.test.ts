// depends on: runtime
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kernelFunctionCount } from '../../src/sys/index.ts';

test('functions of the kernel are counted by their name', () => {
  const counts = new Map<string, number>();
  for (const line of readFileSync('/proc/kallsyms', 'latin1').split('\n')) {
    const [, type = '', name = ''] = line.split(/\s/);
    if (/^[tTwW]$/.test(type)) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const several = [...counts].find(([, count]) => count > 1);
  const one = [...counts].find(([, count]) => count === 1);
  for (const [name, count] of [several, one].filter((found) => found !== undefined)) {
    assert.equal(kernelFunctionCount(name), count, name);
  }
  assert.equal(kernelFunctionCount('no_such_function'), 0);
  assert.equal(kernelFunctionCount('.*'), 0);
});
