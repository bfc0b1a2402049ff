import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf } from '../../../tools/layers/imports.ts';

test('every way to name a module is found, in code only', () => {
  const source = `
import { a } from './a.ts';
import type { B } from '../b/index.ts';
import 'node:fs';
export * from './c.ts';
export type {
  D,
} from './d.ts';
const e = require('./e.js') as typeof import('./e.ts');
const f = await import('./f.js');
// import './comment.ts';
/** @example import { g } from 'ebpf-ts'; */
`;
  assert.deepEqual(importsOf('map/map.ts', source), [
    ...['map/a.ts', 'b/index.ts', 'node:fs', 'map/c.ts', 'map/d.ts', 'map/e.ts', 'map/f.ts'],
  ]);
});
