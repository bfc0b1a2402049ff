/** Programs and libraries to probe. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import type { Requirement } from '../../../src/testing/index.ts';

export const UPROBE_MULTI: Requirement = {
  feature: 'a link to several places of a program',
  since: '6.6',
  config: 'CONFIG_UPROBE_EVENTS',
};

/** A folder of the test file's own. */
export const folder: string = mkdtempSync(join(tmpdir(), 'ebpf-ts-uprobe-'));
after(() => rmSync(folder, { recursive: true }));

export interface Skippable {
  skip(reason: string): void;
}

/** Compiles C into a program, or skips the test if that is not possible. */
export function compile(
  t: Skippable,
  name: string,
  flags: readonly string[],
  ...sources: string[]
): string | undefined {
  const path = join(folder, name);
  const files = sources.map((text, i) => {
    const file = `${path}${i}.c`;
    writeFileSync(file, text);
    return file;
  });
  const { status, error } = spawnSync('cc', ['-O1', '-o', path, ...files, ...flags]);
  if (error === undefined && status === 0) return path;
  t.skip(`no C compiler for this program: cc ${flags.join(' ')}`);
  return undefined;
}

export const FUNCTION: string = '__attribute__((noinline))';
/** Calls `work` ten times. */
export const MAIN =
  'int work(int); int main(void) { int s = 0; for (int i = 0; i < 10; i++) s += work(i); return s == 0; }';

/** Calls `work` once for each byte that it is sent, and sends the byte back. */
export const SERVER = `#include <unistd.h>
int work(int); int main(void) { char c; while (read(0, &c, 1) == 1) { work(c); if (write(1, &c, 1) != 1) return 1; } }`;

/** A running {@link SERVER}. */
export interface Server {
  readonly pid: number;
  /** Has `work` called. Returns the byte that the program answers. */
  work(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a program made of {@link SERVER}, or a command that becomes one. */
export async function startServer(
  command: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Server> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
  const work = async (): Promise<number> => {
    child.stdin.write('x');
    const [answer] = (await once(child.stdout, 'data')) as [Uint8Array];
    return answer[0] ?? 0;
  };
  // From its first answer on, it is the program.
  await work();
  const { pid = 0 } = child;
  const stop = async (): Promise<void> => {
    const ended = once(child, 'exit');
    child.stdin.end();
    await ended;
  };
  return { pid, work, stop };
}
