import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Code to compile, named after its place. */
export interface Sample {
  readonly name: string;
  readonly text: string;
}

const BLOCK = /^```ts(?: (\S+)\.ts)?\n(.*?)^```$/gms;
const IMPORT = /^import /m;

/**
 * The programs that README.md and docs/*.md show.
 *
 * A block with imports starts a new program. A block without imports continues the block before it on the same page, in
 * an inner scope: it can use what is imported and declared there, and can declare the same names again. A fence can
 * name the file (```ts quick-start.ts), so that other blocks of the page can import it.
 */
export function docsBlocks(project: string): Sample[] {
  const pages = readdirSync(join(project, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...pages.map((name) => join('docs', name))].flatMap((page) =>
    pagePrograms(readFileSync(join(project, page), 'utf8')).map(({ name, text }) => ({
      name: join(page.replace(/^docs\//, '').replace(/\.md$/, ''), name),
      text,
    })),
  );
}

/** The programs of a page. @throws Error if the first block has no imports */
export function pagePrograms(page: string): Sample[] {
  const programs: { name: string; blocks: string[] }[] = [];
  for (const [, name = `${programs.length + 1}`, code = ''] of page.matchAll(BLOCK)) {
    if (IMPORT.test(code)) programs.push({ name, blocks: [code] });
    else if (programs.length > 0) programs.at(-1)?.blocks.push(code);
    else throw new Error(`the first block of a page has no imports: ${code}`);
  }
  return programs.map(({ name, blocks }) => ({
    name,
    text: `${blocks.join('\n{\n')}${'}\n'.repeat(blocks.length - 1)}export {};\n`,
  }));
}
