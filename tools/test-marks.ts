/**
 * The first line of a test file says what its outcome depends on, other than the code:
 *
 *     // depends on: kernel, runtime
 *
 * Such files also run on other kernels and on other runtimes. `npm test` runs all test files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * - `kernel`: what kernels have and how they answer. Runs on the oldest and the newest kernel.
 * - `tokens`: what BPF tokens do. Runs on every kernel.
 * - `older tokens`: kernels without tokens, or what tokens tell about themselves since Linux 6.17. Runs on all but the
 *   newest kernel.
 * - `newest kernel`: things that only the newest kernel has.
 * - `runtime`: things that another engine or another Node could change: the native part and memory that is shared with
 *   it, conversion of values, processes and their streams, Node's test runner, what errors look like. Runs on every
 *   Node.
 */
export const marks = ['kernel', 'tokens', 'older tokens', 'newest kernel', 'runtime'] as const;
export type Mark = (typeof marks)[number];

const LINE = /^\s*\/\/ *depends on:? *(.*)$/im;
const FIRST_LINE = /^\/\/ depends on: (.*)\n/;

const isMark = (word: string): word is Mark => marks.some((mark) => mark === word);

/**
 * @param text - the source of a test file
 * @throws Error for an unknown mark, and for a line of marks that is not the first or is not well formed
 */
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
