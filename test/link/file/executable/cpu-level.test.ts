import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelsIn } from '../../../../src/link/file/executable/cpu-level.ts';

const V2 = 'cx16 lahf_lm popcnt sse4_1 sse4_2 ssse3';
const V3 = 'abm avx avx2 bmi1 bmi2 f16c fma movbe xsave';
const V4 = 'avx512f avx512bw avx512cd avx512dq avx512vl';

test('the levels that a processor reaches', () => {
  const levels = (flags: string): string[] => levelsIn(`processor\t: 0\nflags\t\t: ${flags}\nbugs\t: none\n`);
  assert.deepEqual(levels('fpu sse'), []);
  assert.deepEqual(levels(V2), ['x86-64-v2']);
  assert.deepEqual(levels(`${V3} ${V2}`), ['x86-64-v3', 'x86-64-v2']);
  assert.deepEqual(levels(`${V2} ${V3} ${V4}`), ['x86-64-v4', 'x86-64-v3', 'x86-64-v2']);
  // A level includes those below it.
  assert.deepEqual(levels(V3), []);
  assert.deepEqual(levelsIn(''), []);
});
