import assert from 'node:assert/strict';
import { test } from 'node:test';
import { markedTests, marks, marksOf } from '../../tools/test-marks.ts';

test('a test file says in its first line what it depends on', () => {
  assert.deepEqual(marksOf('// depends on: kernel, runtime\nimport', 'a.test.ts'), ['kernel', 'runtime']);
  assert.deepEqual(marksOf('import', 'a.test.ts'), []);
  for (const text of ['import\n// depends on: kernel\n', '//depends on kernel\n']) {
    assert.throws(() => marksOf(text, 'a.test.ts'), {
      message: /^a\.test\.ts: marks stand in the first line: \/\/ depends on: kernel, /,
    });
  }
  assert.throws(() => marksOf('// depends on: kernel, moon\n', 'a.test.ts'), {
    message: 'a.test.ts: unknown mark "moon": there are kernel, tokens, older tokens, newest kernel, runtime',
  });
});

test('every mark that a test file has is one, and each stands somewhere', () => {
  for (const mark of marks) assert.notEqual(markedTests('.', [mark]).length, 0, mark);
  assert.ok(markedTests('.', ['tokens']).includes('token/commands.test.js'));
  assert.ok(!markedTests('.', ['tokens']).includes('tools/test-marks.test.js'));
});
