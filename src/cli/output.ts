import { isatty } from 'node:tty';
import { BpfError, errnoOf } from '../errors/index.ts';
import { type Colors, createColors } from './colors.ts';
import type { TextStyle } from './columns.ts';

const { writeSync } = process.getBuiltinModule('node:fs');

// Nothing here uses Node's own streams: opening one on a pipe makes the pipe non-blocking for every process that shares
// it, such as the program of `token run`.

/** The exit status for a wrong command line. */
export const USAGE = 2;

/** The descriptor of standard output. */
const STDOUT = 1;

/** The descriptor of standard error. */
export const STDERR = 2;

/** The status of a process that SIGPIPE killed. */
const CLOSED_PIPE = 128 + 13;

/** A mistake in the command line that only the library could find, such as an unknown map type. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** Runs `read`, which parses what the user wrote. Its TypeError or RangeError is a mistake of the user. */
export function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** Colours for a descriptor. None in a pipe or file, and none if NO_COLOR asks for that. */
export function colorsFor(fd: number): Colors {
  const plain = process.env.NO_COLOR !== undefined && process.env.NO_COLOR !== '';
  return createColors(isatty(fd) && !plain && process.env.TERM !== 'dumb');
}

/** How many columns standard output has; `undefined` if it is not a terminal. */
export function width(): number | undefined {
  return isatty(STDOUT) ? process.stdout.columns : undefined;
}

/** The style of text on standard output. */
function textStyle(): TextStyle {
  return { colors: colorsFor(STDOUT), width: width() };
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of it. If the reader has gone away (`ebpf-ts ... | head -1`), the command ends without a message. */
function write(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') process.exit(CLOSED_PIPE);
      if (code !== 'EAGAIN') throw error;
      // Another process made the pipe non-blocking, and it is full.
      Atomics.wait(pause, 0, 0, 5);
    }
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on its file system',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than is allowed: see "ulimit -f"',
};

/** @throws BpfError with Node's code if standard output takes no more */
export function print(text: string): void {
  try {
    write(STDOUT, text);
  } catch (cause) {
    const code = errnoOf(cause) ?? 'ERR_BPF_WRITE';
    const why = CAUSES[code];
    const message = `Cannot write to standard output: ${code}${why === undefined ? '' : `: ${why}`}`;
    throw new BpfError(message, { code, cause });
  }
}

/** Writes to standard error if that works. There is no other place to complain. */
export function complain(text: string): void {
  try {
    write(STDERR, text);
  } catch {
    // The exit status still says it.
  }
}

/** Shows the result of a command: as JSON, or as text for people. */
export function show<T>(
  found: T,
  json: boolean | undefined,
  toText: (found: T, style: TextStyle) => string,
): void {
  print(json === true ? `${JSON.stringify(found, null, 2)}\n` : toText(found, textStyle()));
}

/** Says on stderr what went wrong and sets the exit status: 2 for a wrong command line, else `status`. */
export function fail(error: unknown, status = 1): void {
  const message = error instanceof Error ? error.message : String(error);
  process.exitCode = error instanceof UsageError ? USAGE : status;
  complain(`${colorsFor(STDERR).red('error:')} ${message}\n`);
}
