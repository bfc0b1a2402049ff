import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A running example. */
export interface RunningExample {
  /** Waits for the line that says that it is ready. If it ends before that, throws what it wrote to stderr. */
  started(start: string): Promise<void>;
  /** Waits for a line of its output, and returns it. Returns undefined if the output ends first. */
  line(test: (line: string) => boolean): Promise<string | undefined>;
  /** Interrupts it as Ctrl-C does. Returns the rest of its output, and how it ended. */
  stop(): Promise<{ rest: string[]; status: number | null; errors: string }>;
}

export function examplePath(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}.js`, import.meta.url));
}

/** Starts an example. `command` is what to put before it, for example to start it in a namespace. */
export function runExample(
  name: string,
  args: readonly string[],
  command: readonly string[] = [],
): RunningExample {
  const [program = '', ...words] = [...command, process.execPath, examplePath(name), ...args];
  const child: ChildProcess = spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'] });
  if (child.stdout === null || child.stderr === null) throw new Error('no pipes');
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string | undefined> => {
    const { value, done } = await lines.next();
    return done === true ? undefined : (value as string);
  };
  const find = async (test: (line: string) => boolean): Promise<string | undefined> => {
    for (;;) {
      const line = await next();
      if (line === undefined || test(line)) return line;
    }
  };
  return {
    line: find,
    async started(start) {
      if ((await find((line) => line.startsWith(start))) !== undefined) return;
      await ended;
      throw new Error(`${name} did not start: ${errors}`);
    },
    async stop() {
      child.kill('SIGINT');
      const rest: string[] = [];
      for (let line = await next(); line !== undefined; line = await next()) rest.push(line);
      const [status] = (await ended) as [number | null];
      return { rest, status, errors };
    },
  };
}
