/**
 * What the machine tells the host, one JSON object a line on its second serial port. To `ready` and `end` the host
 * answers with a line: the next test file, as a path below dist/test, or nothing when there is none.
 */

export interface TestResult {
  readonly type: 'test';
  readonly file: string;
  /** Names of the test and those around it, outermost first. */
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

/** Reads one line; undefined for anything that is not an event, such as a line cut by the machine's end. */
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
