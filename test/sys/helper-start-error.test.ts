// depends on: runtime
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { explainStartError } from '../../src/sys/helper-start-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-start-'));
process.once('exit', () => rmSync(folder, { recursive: true }));
const program = join(folder, 'program');

const failureOf = (file: string, cwd?: string): Promise<NodeJS.ErrnoException> =>
  new Promise((resolve) => {
    spawn(file, [], { cwd }).once('error', resolve);
  });

/** Explains the error of a start that fails. */
async function explained(cwd?: string): Promise<NodeJS.ErrnoException> {
  const error = await failureOf(program, cwd);
  explainStartError(error, program, cwd);
  return error;
}

test('a program that is not there, and one that is not executable', async () => {
  const missing = await explained();
  assert.equal(
    missing.message,
    `Cannot start the namespace helper ${program}: ENOENT: it does not exist; install the package again`,
  );
  assert.equal(missing.code, 'ENOENT');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o644 });
  const { message, stack } = await explained();
  assert.equal(
    message,
    `Cannot start the namespace helper ${program}: EACCES: it is not executable; "chmod +x" it, or install the package again`,
  );
  assert.ok(stack?.startsWith(`Error: ${message}\n`), stack);
  chmodSync(program, 0o755);
});

test('a folder to run in that is not there is not taken for the program', async () => {
  const { message } = await explained(join(folder, 'nowhere'));
  assert.match(
    message,
    /: ENOENT: it should run in \S+nowhere, which cannot be entered \(ENOENT\); choose another cwd$/,
  );
});

test('limits are named, and other errors left as they are', async () => {
  const limited = Object.assign(new Error('spawn x EMFILE'), { code: 'EMFILE', path: program });
  explainStartError(limited, program, undefined);
  assert.match(limited.message, /EMFILE: this process has no free descriptor left; .*ulimit -n/);
  const other = await failureOf('/nonexistent/other');
  explainStartError(other, program, undefined);
  assert.equal(other.message, 'spawn /nonexistent/other ENOENT');
});
