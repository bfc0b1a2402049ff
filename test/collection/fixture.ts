import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../test/fixtures/compiled/', import.meta.url));

/** Path of a compiled fixture. */
export function fixture(name: string): string {
  return join(folder, name);
}

/** All compiled forms of a fixture, or of all: their names. */
export function fixtures(source?: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.o') && (source === undefined || name.startsWith(`${source}.`)))
    .sort();
}
