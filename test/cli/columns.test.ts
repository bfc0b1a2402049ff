import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { answerRows } from '../../src/cli/answers.ts';
import { createColors } from '../../src/cli/colors.ts';
import { columns, section } from '../../src/cli/columns.ts';

const plain = createColors(false);
const coloured = createColors(true);

test('columns stand below each other, however long the cells', () => {
  const rows = [
    ['a', 'first'],
    ['longer', 'second'],
  ];
  assert.equal(columns(rows, { colors: plain, width: undefined }), '  a       first\n  longer  second');
  const red = rows.map(([name = '', value = '']) => [coloured.red(name), value]);
  assert.equal(
    columns(red, { colors: coloured, width: undefined }),
    `  ${coloured.red('a')}       first\n  ${coloured.red('longer')}  second`,
    'colours take no room',
  );
});

test('the last column is broken to fit', () => {
  const words = Array.from({ length: 30 }, (_, index) => `word${index}`).join(' ');
  const text = columns([['name', words]], { colors: plain, width: 50 });
  const lines = text.split('\n');
  assert.ok(lines.length > 3);
  for (const line of lines) assert.ok(line.length <= 50, line);
  assert.equal(text.replace(/\s+/g, ' ').trim(), `name ${words}`);
});

test('control characters do not reach the terminal', () => {
  const style = { colors: plain, width: undefined };
  assert.equal(columns([['/a\nb\u001b[2J', 'x\u0007']], style), '  /a\\x0ab\\x1b[2J  x\\x07');
});

test('property: any text fits, and none of it starts a line of its own', () => {
  const cell = fc.string({ maxLength: 40, unit: 'grapheme-ascii' });
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 5 }), (rows) => {
      const text = columns(rows, { colors: plain, width: undefined });
      assert.equal(text.split('\n').length, rows.length);
    }),
  );
});

test('a section has a title', () => {
  assert.equal(section('Title', '  body', { colors: plain, width: undefined }), 'Title\n  body\n');
});

test('answers are grouped, and only some of many reasons are shown', () => {
  const denied = (message: string): { answer: 'denied'; message: string } => ({ answer: 'denied', message });
  const rows = answerRows({
    a: { answer: 'yes' },
    b: { answer: 'no' },
    c: { answer: 'yes' },
    d: denied('one'),
    e: denied('two'),
    f: denied('three'),
    g: denied('four'),
    h: denied('one'),
  });
  assert.deepEqual(rows, [
    ['yes (2)', 'a, c'],
    ['no (1)', 'b'],
    ['denied (5)', 'd, e, f, g, h'],
    ['', 'one'],
    ['', 'two'],
    ['', 'three'],
    ['', 'and 1 more reason (see --json)'],
  ]);
});
