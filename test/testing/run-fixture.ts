/** Runs a fixture, which is a separate test file, with node:test. Returns the results of its tests. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The result of one test of a fixture. */
export interface Result {
  /** The names of the tests around it, and its own name. */
  readonly path: readonly string[];
  readonly outcome: 'pass' | 'fail' | 'skip';
  readonly skip?: string;
  readonly todo?: string;
  /** The thrown value. If the test failed because of its subtests, only `message` says something. */
  readonly error?: FixtureError;
  readonly diagnostics: readonly string[];
}

export interface FixtureError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly cause?: FixtureError;
  /** The output of util.inspect for it. */
  readonly inspected: string;
  readonly isAssertionError: boolean;
}

export interface FixtureRun {
  readonly results: readonly Result[];
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  result(...path: string[]): Result;
}

export const fixturePath = (name: string): string =>
  fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

const REPORTER = new URL('fixture-reporter.js', import.meta.url).href;

export interface FixtureOptions {
  readonly node?: string;
  readonly nodeOptions?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly args?: readonly string[];
  /** Whether it gets its own process group. */
  readonly detached?: boolean;
}

/** Starts a fixture as a top-level test run, even if this process is itself part of one. */
export function startFixture(name: string, options: FixtureOptions = {}): ChildProcess {
  const { node = process.execPath, nodeOptions = [], env = {}, args = [], detached = false } = options;
  const { NODE_TEST_CONTEXT: _, ...own } = process.env;
  return spawn(
    node,
    [
      ...[`--test-reporter=${REPORTER}`, '--test-reporter-destination=stdout'],
      ...[...nodeOptions, fixturePath(name), ...args],
    ],
    { detached, env: { ...own, ...env }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] },
  );
}

async function textOf(stream: AsyncIterable<Buffer> | null | undefined): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream ?? []) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export async function runFixture(...args: Parameters<typeof startFixture>): Promise<FixtureRun> {
  const child = startFixture(...args);
  const [stdout, stderr, lines, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    textOf(child.stdio[3] as AsyncIterable<Buffer> | null),
    once(child, 'close'),
  ]);
  const results = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Result);
  const result = (...path: string[]): Result => {
    const found = results.find((each) => JSON.stringify(each.path) === JSON.stringify(path));
    if (found !== undefined) return found;
    const all = results.map((each) => each.path.join(' > ')).join('\n');
    throw new Error(`no test "${path.join(' > ')}" among:\n${all}\nstdout:\n${stdout}\nstderr:\n${stderr}`);
  };
  return { results, stdout, stderr, code: code as number | null, result };
}
