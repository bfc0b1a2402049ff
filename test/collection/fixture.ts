import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../test/fixtures/compiled/', import.meta.url));

/** Path of a compiled fixture. */
export function fixture(name: string): string {
  return join(folder, name);
}

/** Objects that nobody reads: each is a test of its refusal. */
const REFUSED = /^common\./;

/** All compiled forms of a fixture, or of all that are objects as they should be: their names. */
export function fixtures(source?: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.o'))
    .filter((name) => (source === undefined ? !REFUSED.test(name) : name.startsWith(`${source}.`)))
    .sort();
}
