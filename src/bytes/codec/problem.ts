import { reword, seen } from '../../errors/index.ts';

/** What is known about an error that a codec threw and that is still on its way up. */
interface Problem {
  root: string;
  path: string;
  text: string;
}

const problems = new WeakMap<Error, Problem>();

/** Puts root, path and text together. */
function compose(error: Error, problem: Problem): void {
  reword(error, `${problem.root}${problem.path}: ${problem.text}`);
}

function fail(error: Error): never {
  const problem = { root: 'value', path: '', text: error.message };
  problems.set(error, problem);
  compose(error, problem);
  throw error;
}

/** `a u8`, `an i8`: by sound, not by letter. */
export function article(name: string): string {
  return /^(?:[aeio]|f\d)/.test(name) ? `an ${name}` : `a ${name}`;
}

/** Refuses a value of the wrong type. */
export function wrongType(value: unknown, expected: string): never {
  fail(new TypeError(`expected ${expected}, got ${seen(value)}`));
}

/** Refuses a value of the right type that does not fit. */
export function outOfRange(text: string): never {
  fail(new RangeError(text));
}

/** Adds the step `.field` or `[index]` before the path of a codec's error. Other errors stay as they are. */
export function inside(error: unknown, step: string): unknown {
  const problem = error instanceof Error ? problems.get(error) : undefined;
  if (problem !== undefined) {
    problem.path = step + problem.path;
    compose(error as Error, problem);
  }
  return error;
}

/** Replaces the text of a codec's error, and keeps the place that it names. */
export function restate(error: unknown, text: string): unknown {
  const problem = error instanceof Error ? problems.get(error) : undefined;
  if (problem !== undefined) {
    problem.text = text;
    compose(error as Error, problem);
  }
  return error;
}

/** Names what was encoded, `key` or `value of cpu 3`, in a codec's error. */
export function nameRoot(error: unknown, root: string): unknown {
  const problem = error instanceof Error ? problems.get(error) : undefined;
  if (problem !== undefined) {
    problem.root = root;
    compose(error as Error, problem);
  }
  return error;
}
