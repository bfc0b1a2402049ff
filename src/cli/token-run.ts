import type { ChildProcess } from 'node:child_process';
import { BpfError } from '../errors/index.ts';
import { parseCapability } from '../sys/index.ts';
import { type SpawnWithTokenOptions, spawnWithToken } from '../testing/index.ts';
import { Delegation } from '../token/index.ts';
import { colorsFor, fail, usage } from './output.ts';

/** The options of `ebpf-ts token run`, as the command line has them. */
export interface TokenRunOptions {
  readonly cmds?: string;
  readonly maps?: string;
  readonly progs?: string;
  readonly attachs?: string;
  readonly delegate?: 'any';
  readonly cap?: readonly string[];
  readonly mount?: string;
  readonly net?: boolean;
  readonly isolate?: boolean;
  readonly readable?: readonly string[];
}

function environment(options: TokenRunOptions): SpawnWithTokenOptions {
  const { cmds, maps, progs, attachs } = options;
  return usage(() => ({
    delegation: options.delegate === 'any' ? Delegation.any : Delegation.from({ cmds, maps, progs, attachs }),
    capabilities: (options.cap ?? []).map(parseCapability),
    mount: options.mount,
    net: options.net,
    isolate: options.isolate,
    readable: options.readable,
  }));
}

/** Signals that are passed on. Those of the keyboard reach the program by themselves: see below. */
const FORWARDED = [
  'SIGTERM',
  'SIGHUP',
  'SIGUSR1',
  'SIGUSR2',
  'SIGINT',
  'SIGQUIT',
  'SIGCONT',
  'SIGWINCH',
] as const;
const KEYBOARD: ReadonlySet<string> = new Set(['SIGINT', 'SIGQUIT', 'SIGWINCH', 'SIGCONT']);

/** Passes signals on to the program, and ends as it ends. */
function standFor(child: ChildProcess, file: string): Promise<void> {
  const terminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY;
  const handlers = FORWARDED.map((signal) => {
    const handler = (): void => {
      // A terminal sends these to the whole foreground group: passed on, the program would get them twice.
      if (!(terminal && KEYBOARD.has(signal))) child.kill(signal);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  return new Promise((resolve) => {
    let failed = false;
    // There may be several: what stands in the way, and a signal that could not be sent.
    child.on('error', (error: NodeJS.ErrnoException) => {
      failed = true;
      const spawning = error.syscall === `spawn ${file}`;
      const why = error.code === 'ENOENT' ? 'there is no such program' : 'it cannot be executed';
      fail(spawning ? new Error(`Cannot run ${file}: ${error.code}: ${why}`) : error, 125);
    });
    child.once('close', (status, signal) => {
      for (const { signal: name, handler } of handlers) process.off(name, handler);
      if (signal !== null) process.kill(process.pid, signal);
      else if (status !== null) process.exitCode = status < 0 || (failed && status === 0) ? 125 : status;
      resolve();
    });
  });
}

/** `ebpf-ts token run`: any program under a delegated token. */
export async function tokenRun(command: readonly string[], options: TokenRunOptions): Promise<void> {
  const [file = '', ...args] = command;
  const spawnOptions = environment(options);
  if (spawnOptions.delegation instanceof Delegation && spawnOptions.delegation.isEmpty) {
    const { yellow } = colorsFor(process.stderr);
    process.stderr.write(
      `${yellow('warning:')} nothing is delegated, so there will be no token: name permissions, or --delegate any\n`,
    );
  }
  let child: ChildProcess;
  try {
    child = usage(() => spawnWithToken(file, args, { ...spawnOptions, stdio: 'inherit' }));
  } catch (error) {
    if (!BpfError.is(error)) throw error;
    return fail(error, 125);
  }
  await standFor(child, file);
}
