/**
 * The events that the machine sends to the host: one JSON object a line, on its second serial port. The host answers
 * `ready` and `end` with a line: the next test file as a path below dist/test, or an empty line if there is none.
 */

export interface TestResult {
  readonly type: 'test';
  readonly file: string;
  /** The names of the test and of the tests around it, outermost first. */
  readonly path: readonly string[];
  readonly result: 'pass' | 'fail' | 'skip';
  /** The reason of a skip, or the error of a failure as Node prints it. */
  readonly text: string;
}

export type GuestEvent =
  | { readonly type: 'ready'; readonly release: string; readonly node: string }
  | { readonly type: 'output'; readonly file: string; readonly text: string }
  | TestResult
  | { readonly type: 'end'; readonly file: string }
  | { readonly type: 'done' };

/**
 * Reads one line. Returns undefined for anything that is not an event, such as a line that the end of the machine cut
 * off.
 */
export function parseEvent(line: string): GuestEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const known = ['ready', 'output', 'test', 'end', 'done'];
    if (!(value instanceof Object && 'type' in value && known.includes(String(value.type)))) return undefined;
    return value as GuestEvent;
  } catch {
    return undefined;
  }
}
