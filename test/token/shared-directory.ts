import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/**
 * A directory that a test's process under a token finds too: it is started anew, and runs this again.
 * Only the first process removes it, after `before`.
 */
export function sharedDirectory(
  t: TestContext,
  variable: string,
  before: (path: string) => void = () => {},
): string {
  const inherited = process.env[variable];
  if (inherited !== undefined) return inherited;
  const path = mkdtempSync(join(tmpdir(), 'ebpf-ts-mounts-'));
  process.env[variable] = path;
  t.after(() => {
    delete process.env[variable];
    before(path);
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}
