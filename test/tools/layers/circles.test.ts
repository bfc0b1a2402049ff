import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCircles, foldersOf } from '../../../tools/layers/circles.ts';

const graph = (edges: Readonly<Record<string, readonly string[]>>): Map<string, readonly string[]> =>
  new Map(Object.entries(edges));

test('circles are found wherever they begin, and named', () => {
  assert.deepEqual(findCircles(graph({ a: ['b', 'c'], b: ['c'], c: ['node:fs'] })), []);
  assert.deepEqual(findCircles(graph({ a: ['b'], b: ['c'], c: ['d'], d: ['b'] })), ['b → c → d → b']);
  assert.deepEqual(findCircles(graph({ a: ['a'], b: ['c'], c: ['b'] })), ['a → a', 'b → c → b']);
});

test('folders form a circle although their modules do not', () => {
  const modules = graph({
    'map/a.ts': ['program/a.ts', 'map/b.ts'],
    'map/b.ts': [],
    'program/a.ts': ['node:fs', '../package.json'],
    'program/b.ts': ['map/b.ts'],
    'index.ts': ['map/a.ts'],
  });
  assert.deepEqual(findCircles(modules), []);
  assert.deepEqual(
    [...foldersOf(modules)],
    [
      ['map', ['program']],
      ['program', ['map']],
    ],
  );
  assert.deepEqual(findCircles(foldersOf(modules)), ['map → program → map']);
});
