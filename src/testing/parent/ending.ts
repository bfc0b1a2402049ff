import { BpfError } from '../../errors/index.ts';

/** The known facts about a child whose frames end without the end of the subtest. */
export interface Ending {
  readonly file: string;
  readonly fullName: string;
  /** How often this full name was called before. */
  readonly occurrence: number;
  readonly reached: boolean;
  /** Whether every test of the file was run. */
  readonly over: boolean;
  /** The exception that nobody caught, if any. */
  readonly uncaught?: { readonly error: unknown } | undefined;
  /** The enclosing test that failed first, if any. */
  readonly around?: { readonly name: string; readonly error: unknown } | undefined;
  readonly code: number | null;
  readonly signal: string | null;
  /** Milliseconds after which the test was given up, if it was. */
  readonly timedOut?: number | undefined;
  readonly aborted: boolean;
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function explain(ending: Ending): [message: string, cause?: unknown] {
  const { file, fullName, occurrence, reached, uncaught, around, code, signal } = ending;
  const test = `test "${fullName}" under a token`;
  const end =
    signal === null ? `the process exited with status ${code}` : `the process was killed by ${signal}`;
  if (ending.timedOut !== undefined) {
    const where = reached ? 'it' : 'reaching it';
    return [
      `Cannot finish ${test}: ${where} took longer than ${ending.timedOut} ms: everything it started was killed`,
    ];
  }
  if (ending.aborted) return [`Cannot finish ${test}: it was aborted: everything it started was killed`];
  if (reached) {
    const why = signal === null ? ': it must not call process.exit' : '';
    return [`Cannot finish ${test}: ${end} before the test was over${why}`, uncaught?.error];
  }
  if (around !== undefined) {
    const message = messageOf(around.error);
    return [
      `Cannot reach ${test}: the enclosing test "${around.name}" failed first: ${message}`,
      around.error,
    ];
  }
  if (uncaught !== undefined) {
    return [`Cannot load ${file} for ${test}: it threw: ${messageOf(uncaught.error)}`, uncaught.error];
  }
  if (ending.over) {
    const which = occurrence === 0 ? '' : ` ${occurrence + 1} times`;
    return [
      `Cannot find ${test}: ${file}, run again, did not call it${which}: the tests around it must be the same in every run, and the file unchanged`,
    ];
  }
  return [`Cannot reach ${test}: ${end} while ${file} was loading`];
}

/** The failure of a subtest whose process did not bring it to an end. */
export function endingError(ending: Ending): BpfError {
  const [message, cause] = explain(ending);
  return new BpfError(message, { code: 'ERR_BPF_TEST_PROCESS', cause });
}

/** The failure of a subtest whose process ended with something left open. */
export function leakError(fullName: string, what: readonly string[]): BpfError {
  const list = what.map((each) => `- ${each}`).join('\n');
  return new BpfError(`Cannot pass test "${fullName}" under a token: its process left open:\n${list}`, {
    code: 'ERR_BPF_TEST_LEAK',
  });
}
