import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/**
 * A directory that the test and its process under a token share. That process is started from the beginning, and runs
 * this function again. Only the first process removes the directory, after it has called `before`.
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
