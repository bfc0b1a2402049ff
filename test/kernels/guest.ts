/**
 * Runs inside the machine. It runs the test files that the host names, one after another, and sends each event to the
 * second serial port.
 */
import { openSync, readSync, writeSync } from 'node:fs';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import type { GuestEvent } from './events.ts';

const port = openSync('/dev/ttyS1', 'r+');
const testRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
const fileTimeout = Number(process.argv[2]);

function tell(event: GuestEvent): void {
  const bytes = Buffer.from(`${JSON.stringify(event)}\n`);
  for (let sent = 0; sent < bytes.length; ) sent += writeSync(port, bytes, sent);
}

/** Waits for the host's answer. */
function nextFile(): string {
  const byte = Buffer.alloc(1);
  let line = '';
  while (readSync(port, byte) === 1 && byte[0] !== 0x0a) line += byte.toString('latin1');
  return line;
}

/**
 * Runs one file, and waits for all that it starts. So each event belongs to this file, wherever its test was written.
 */
async function runFile(file: string): Promise<void> {
  const names: string[] = [];
  const stream = run({ files: [join(testRoot, file)], concurrency: 1, timeout: fileTimeout });
  for await (const { type, data } of stream) {
    if (type === 'test:start') {
      names.length = data.nesting;
      names.push(data.name);
    } else if (type === 'test:stdout' || type === 'test:stderr') {
      tell({ type: 'output', file, text: data.message });
    } else if (type === 'test:pass' || type === 'test:fail') {
      const error = 'error' in data.details ? data.details.error : undefined;
      const becauseOfChild = error?.['failureType' as keyof Error] === 'subtestsFailed';
      if (data.details.type === 'suite' && (error === undefined || becauseOfChild)) continue;
      const skipped = data.skip !== undefined && data.skip !== false;
      const reason = typeof data.skip === 'string' && data.skip !== '' ? data.skip : 'no reason given';
      tell({
        type: 'test',
        file,
        path: [...names.slice(0, data.nesting), data.name],
        result: skipped ? 'skip' : type === 'test:pass' ? 'pass' : 'fail',
        text: skipped ? reason : becauseOfChild || error === undefined ? '' : inspect(error.cause ?? error),
      });
    }
  }
  tell({ type: 'end', file });
}

tell({ type: 'ready', release: release(), node: process.version });
for (let file = nextFile(); file !== ''; file = nextFile()) await runFile(file);
tell({ type: 'done' });
