/**
 * What the outcome of a test file depends on beside the code, as its first line says:
 *
 *     // depends on: kernel, runtime
 *
 * Such files run on other kernels and on other runtimes too; `npm test` runs all of them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * - `kernel`: what kernels have and how they answer. The oldest and the newest
 * - `tokens`: what BPF tokens do. Every kernel
 * - `older tokens`: what lacks tokens, or what tokens tell of themselves since Linux 6.17. All but the newest kernel
 * - `newest kernel`: needs what only that has
 * - `runtime`: another engine or another Node could change it: the native part and memory that is shared with it,
 *   conversion of values, processes and their streams, Node's test runner, what errors look like. Every Node
 */
export const marks = ['kernel', 'tokens', 'older tokens', 'newest kernel', 'runtime'] as const;
export type Mark = (typeof marks)[number];

const LINE = /^\s*\/\/ *depends on:? *(.*)$/im;
const FIRST_LINE = /^\/\/ depends on: (.*)\n/;

const isMark = (word: string): word is Mark => marks.some((mark) => mark === word);

/** @param text - a test's source. @throws Error for an unknown mark, or a line that is not the first or not as it should be */
export function marksOf(text: string, file: string): readonly Mark[] {
  if (LINE.test(text) && !FIRST_LINE.test(text)) {
    throw new Error(`${file}: marks stand in the first line: // depends on: ${marks.join(', ')}`);
  }
  const words = FIRST_LINE.exec(text)?.[1]?.split(', ') ?? [];
  return words.map((word) => {
    if (isMark(word)) return word;
    throw new Error(`${file}: unknown mark "${word}": there are ${marks.join(', ')}`);
  });
}

/** The built test files (below dist/test) whose sources have one of these marks. */
export function markedTests(project: string, wanted: readonly Mark[]): string[] {
  const folder = join(project, 'test');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .filter((name) =>
      marksOf(readFileSync(join(folder, name), 'utf8'), name).some((mark) => wanted.includes(mark)),
    )
    .map((name) => name.replace(/\.ts$/, '.js'))
    .sort();
}
