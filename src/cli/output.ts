import { createColors } from 'picocolors';
import type { Colors } from 'picocolors/types.js';

/** The exit status for a wrong command line. */
export const USAGE = 2;

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

/** Colours for a stream: none in a pipe or file, nor where NO_COLOR asks for none. */
export function colorsFor(stream: { readonly isTTY?: boolean }): Colors {
  const plain = process.env.NO_COLOR !== undefined && process.env.NO_COLOR !== '';
  return createColors(stream.isTTY === true && !plain && process.env.TERM !== 'dumb');
}

/** Says on stderr what went wrong and sets the exit status: 2 for a wrong command line, else `status`. */
export function fail(error: unknown, status = 1): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${colorsFor(process.stderr).red('error:')} ${message}\n`);
  process.exitCode = error instanceof UsageError ? USAGE : status;
}

/** A reader that has gone away (`ebpf-ts … | head -1`) ends the command as SIGPIPE would, without a trace. */
export function surviveClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(128 + 13);
      throw error;
    });
  }
}
