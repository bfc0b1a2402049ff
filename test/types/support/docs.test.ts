import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pagePrograms } from './docs.ts';
import { examplesOf } from './examples.ts';

const fenced = (code: string, file = ''): string => `\`\`\`ts${file}\n${code}\n\`\`\`\n`;

test('a block with imports is a program, one without continues the block before it', () => {
  const page = `# Title\n${fenced("import 'a';")}text\n${fenced('one();')}\n${fenced('two();')}${fenced("import 'b';", ' b.ts')}`;
  assert.deepEqual(pagePrograms(page), [
    { name: '1', text: "import 'a';\n\n{\none();\n\n{\ntwo();\n}\n}\nexport {};\n" },
    { name: 'b', text: "import 'b';\nexport {};\n" },
  ]);
  assert.throws(() => pagePrograms(fenced('one();')), /first block of a page has no imports: one\(\);/);
});

test('examples of doc comments are found with and without a fence', () => {
  const source = `/**
 * Adds.
 *
 * ${fenced('one();').trim().replaceAll('\n', '\n * ')}
 *
 * @example
 * two();
 * three();
 *
 * @throws never
 */
  /**
   * @example
   * four();
   */
/* @example
 * no doc comment
 */`;
  assert.deepEqual(
    examplesOf(source).map((code) => code.trim()),
    ['one();', 'two();\nthree();', 'four();'],
  );
});
