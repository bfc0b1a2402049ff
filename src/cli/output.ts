import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { BpfError } from '../errors/index.ts';
import { type Colors, createColors } from './colors.ts';
import type { TextStyle } from './columns.ts';

// Nothing here asks for Node's own streams: opening one on a pipe makes the pipe non-blocking, for every
// process that shares it, such as the program that `token run` stands for.

/** The exit status for a wrong command line. */
export const USAGE = 2;

/** The descriptor of standard output. */
export const STDOUT = 1;

/** The descriptor of standard error. */
export const STDERR = 2;

/** As a process that SIGPIPE killed. */
const CLOSED_PIPE = 128 + 13;

/** A mistake in the command line that only the library could see, such as an unknown map type. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
}

/** Runs `read`, which takes apart what the user wrote; its TypeError or RangeError is the user's mistake. */
export function usage<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

/** Colours for a descriptor: none in a pipe or file, nor where NO_COLOR asks for none. */
export function colorsFor(fd: number): Colors {
  const plain = process.env.NO_COLOR !== undefined && process.env.NO_COLOR !== '';
  return createColors(isatty(fd) && !plain && process.env.TERM !== 'dumb');
}

/** How many columns standard output has; `undefined` when it is not a terminal. */
export function width(): number | undefined {
  return isatty(STDOUT) ? process.stdout.columns : undefined;
}

/** The style of text on standard output. */
export function textStyle(): TextStyle {
  return { colors: colorsFor(STDOUT), width: width() };
}

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Writes all of it. A reader that has gone away (`ebpf-ts ... | head -1`) ends the command without a trace. */
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

/** @throws BpfError with Node's code when standard output takes no more */
export function print(text: string): void {
  try {
    write(STDOUT, text);
  } catch (cause) {
    const { code = 'ERR_BPF_WRITE' } = cause as NodeJS.ErrnoException;
    const why = CAUSES[code];
    const message = `Cannot write to standard output: ${code}${why === undefined ? '' : `: ${why}`}`;
    throw new BpfError(message, { code, cause });
  }
}

/** Writes to standard error, if it takes anything: there is no other place to complain. */
export function complain(text: string): void {
  try {
    write(STDERR, text);
  } catch {
    // The exit status still tells.
  }
}

/** Shows what a command found: as JSON, or as a person reads it. */
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
