import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ElfFile, SECTION_TYPE } from '../../src/elf/index.ts';
import { OWN_MACHINE } from '../own-machine.ts';

const folder = fileURLToPath(new URL('../../../test/fixtures/compiled/', import.meta.url));

/** The compilers whose objects are tested. In the slow machine of test/kernels, only the newest. */
export const compilers: readonly ('clang14' | 'clang19')[] = OWN_MACHINE
  ? ['clang19']
  : ['clang14', 'clang19'];

/** Path of a compiled fixture. */
export function fixture(name: string): string {
  return join(folder, name);
}

/** Objects that must be refused: each has a test for that. */
const REFUSED = /^common\./;

/** File names of all compiled forms of a fixture, or of all fixtures that are valid objects. */
export function fixtures(source?: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.o') && compilers.some((compiler) => name.includes(compiler)))
    .filter((name) => (source === undefined ? !REFUSED.test(name) : name.startsWith(`${source}.`)))
    .sort();
}

/** An object without its symbol table, as strip leaves it. */
export function stripped(name: string): Uint8Array {
  const bytes = Uint8Array.from(readFileSync(fixture(name)));
  const { sections, littleEndian } = ElfFile.parse(bytes);
  const view = new DataView(bytes.buffer);
  const headers = Number(view.getBigUint64(40, littleEndian));
  for (const { index, type } of sections) {
    if (type === SECTION_TYPE.symtab) view.setUint32(headers + 64 * index + 4, 0, littleEndian);
  }
  return bytes;
}
