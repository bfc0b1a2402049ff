import type { ChildProcess } from 'node:child_process';
import { capabilities } from '../abi/index.ts';
import { signalsSent } from '../sys/index.ts';
import { type SpawnWithTokenOptions, spawnWithToken } from '../testing/index.ts';
import { Delegation } from '../token/index.ts';
import { endBy } from './end-by.ts';
import { colorsFor, complain, fail, STDERR, UsageError, usage } from './output.ts';

/** The exit status if the program could not be started, as in env(1) and timeout(1). */
const CANNOT_START = 125;

/** The options of `ebpf-ts token run`, as the command line has them. */
export interface TokenRunOptions {
  readonly cmds?: string | undefined;
  readonly maps?: string | undefined;
  readonly progs?: string | undefined;
  readonly attachs?: string | undefined;
  readonly delegate?: 'any' | undefined;
  readonly cap?: readonly string[] | undefined;
  readonly mount?: string | undefined;
  readonly net?: boolean | undefined;
  readonly isolate?: boolean | undefined;
  readonly readable?: readonly string[] | undefined;
}

function environment(options: TokenRunOptions): SpawnWithTokenOptions {
  const { cmds, maps, progs, attachs } = options;
  if (options.net === false && options.isolate !== true) {
    throw new UsageError(
      '--no-net is for --isolate: other programs use the network of this machine unless you give --net',
    );
  }
  return usage(() => ({
    delegation: options.delegate === 'any' ? Delegation.any : Delegation.from({ cmds, maps, progs, attachs }),
    capabilities: (options.cap ?? []).map(capabilities.parse),
    mount: options.mount,
    net: options.net,
    isolate: options.isolate,
    readable: options.readable,
  }));
}

/** Signals that are always passed on. */
const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;
/** Signals that a terminal sends to its whole foreground. They are passed on only if a process sent them. */
const OF_TERMINALS = ['SIGINT', 'SIGQUIT', 'SIGCONT', 'SIGWINCH'] as const;

/**
 * Listens for signals from here on, and passes on those that the program does not get by itself. @returns a function
 * that ends it
 */
function passSignals(pass: (signal: NodeJS.Signals) => void): () => void {
  const handlers = new Map<NodeJS.Signals, () => void>();
  for (const signal of FORWARDED) handlers.set(signal, () => pass(signal));
  for (const signal of OF_TERMINALS) {
    handlers.set(signal, () => {
      if (signalsSent(signal) > 0) pass(signal);
    });
  }
  for (const [signal, handler] of handlers) process.on(signal, handler);
  for (const signal of OF_TERMINALS) signalsSent(signal);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

/** Says in a sentence why the program did not run. */
function explain(error: NodeJS.ErrnoException, file: string): Error {
  if (error.syscall?.startsWith('spawn') !== true || error.path !== file) return error;
  const why = error.code === 'ENOENT' ? 'there is no such program' : 'it cannot be executed';
  return new Error(`Cannot run ${file}: ${error.code}: ${why}`);
}

/** Starts the program, passes signals on to it, and ends as it ends. */
function standFor(start: () => ChildProcess, file: string): Promise<void> {
  // Before there is a program: a failure here must not leave one running.
  let child: ChildProcess | undefined;
  const stopPassing = passSignals((signal) => child?.kill(signal));
  const program = start();
  child = program;
  return new Promise((resolve) => {
    let failed = false;
    // There may be several: the actual problem, and a signal that could not be sent.
    program.on('error', (error: NodeJS.ErrnoException) => {
      failed = true;
      fail(explain(error, file), CANNOT_START);
      // It was not started, so nothing will close.
      if (program.pid === undefined) resolve();
    });
    program.once('close', (status, signal) => {
      stopPassing();
      if (signal !== null) endBy(signal);
      else if (status !== null) process.exitCode = failed && status <= 0 ? CANNOT_START : status;
      resolve();
    });
  });
}

/** `ebpf-ts token run`: runs any program under a delegated token. */
export async function tokenRun(command: readonly string[], options: TokenRunOptions): Promise<void> {
  const [file = '', ...args] = command;
  const spawnOptions = environment(options);
  if (spawnOptions.delegation instanceof Delegation && spawnOptions.delegation.isEmpty) {
    const { yellow } = colorsFor(STDERR);
    complain(
      `${yellow('warning:')} nothing is delegated, so there will be no token: name permissions, or use --delegate any\n`,
    );
  }
  const start = (): ChildProcess =>
    usage(() => spawnWithToken(file, args, { ...spawnOptions, stdio: 'inherit' }));
  try {
    await standFor(start, file);
  } catch (error) {
    fail(error, CANNOT_START);
  }
}
