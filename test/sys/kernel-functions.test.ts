// depends on: runtime
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kernelFunctionNames, kernelFunctionsNamed } from '../../src/sys/index.ts';

test('functions of the kernel are found by their name, with their modules', () => {
  const found = new Map<string, (string | undefined)[]>();
  for (const line of readFileSync('/proc/kallsyms', 'latin1').split('\n')) {
    const [, type = '', name = '', module] = line.split(/\s/);
    if (/^[tTwW]$/.test(type)) found.set(name, [...(found.get(name) ?? []), module?.slice(1, -1)]);
  }
  const several = [...found].find(([, modules]) => modules.length > 1);
  const one = [...found].find(([, modules]) => modules.length === 1);
  const inModule = [...found].find(([, modules]) => modules[0] !== undefined);
  for (const [name, modules] of [several, one, inModule].filter((each) => each !== undefined)) {
    assert.deepEqual(
      kernelFunctionsNamed(name)?.map(({ module }) => module),
      modules,
      name,
    );
  }
  assert.deepEqual(kernelFunctionsNamed('no_such_function'), []);
  assert.deepEqual(kernelFunctionsNamed('.*'), []);
  const names = new Set(kernelFunctionNames());
  assert.deepEqual(
    [...found.keys()].filter((name) => !names.has(name)),
    [],
  );
});
