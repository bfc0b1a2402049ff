import type { ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import { rejectUnknownOptions } from '../../errors/index.ts';
import type { Delegation, DelegationInit } from '../../token/delegation/index.ts';
import { TARGET_VARIABLE, type Target } from '../child/state.ts';
import type { RunWithTokenOptions } from '../options.ts';
import { isEnvironmental } from '../setup-error.ts';
import { spawnWithToken } from '../spawn-with-token.ts';
import { checkTimeout } from '../timeout.ts';
import { endingError, leakError } from './ending.ts';
import { childEnvironment, inheritedOptions, ownOptions, PRELOAD } from './node-options.ts';
import { Observer } from './observer.ts';
import { replay } from './replay.ts';

const { fstatSync } = process.getBuiltinModule('node:fs');

/** The descriptor of the frames in the child: the first after stdio. */
const FRAMES = 3;

const OPTIONS = [
  ...['capabilities', 'mount', 'moreMounts', 'net', 'isolate', 'readable'],
  ...['timeout', 'skip', 'todo', 'only'],
];

const require = createRequire(import.meta.url);

/** Needed in addition to what the caller names: the test file, its package and this library. */
function readableFor(
  file: string,
  { isolate, readable }: RunWithTokenOptions,
): readonly string[] | undefined {
  if (isolate !== true) return readable;
  const { readByTests } = require('../isolate.js') as typeof import('../isolate.ts');
  return [...readByTests(file, PRELOAD), ...(readable ?? [])];
}

/** The call of `runWithToken` that a child must find again. */
export interface Call {
  readonly file: string;
  readonly fullName: string;
  readonly occurrence: number;
}

/**
 * Where the child writes. Under `node --test` stdout carries this process's own reports, and the child must not write
 * between them. The child does not inherit a pipe, because Node makes the pipes it opens non-blocking: programs that
 * the test starts would fail to write to a full one.
 */
function output(fd: number): 'inherit' | 'pipe' {
  const stats = fstatSync(fd);
  const shared = process.env.NODE_TEST_CONTEXT === undefined && !stats.isFIFO() && !stats.isSocket();
  return shared ? 'inherit' : 'pipe';
}

function start(
  call: Call,
  delegation: DelegationInit | Delegation | 'any',
  options: RunWithTokenOptions,
): ChildProcess {
  const own = ownOptions(call.fullName);
  const target: Target = { ...call, fd: FRAMES, ownOptions: own.length };
  const { capabilities, mount, moreMounts, net, isolate } = options;
  const child = spawnWithToken(
    process.execPath,
    [...own, ...inheritedOptions(), call.file, ...process.argv.slice(2)],
    {
      ...{ delegation, capabilities, mount, moreMounts, net, isolate },
      readable: readableFor(call.file, options),
      env: childEnvironment({ [TARGET_VARIABLE]: JSON.stringify(target) }),
      stdio: ['inherit', output(1), output(2), 'pipe'],
    },
  );
  child.stdout?.on('data', (chunk) => process.stdout.write(chunk));
  child.stderr?.on('data', (chunk) => process.stderr.write(chunk));
  return child;
}

/** Runs the subtest of `call` in a new process, and replays its result in `t`. */
export async function runChild(
  t: TestContext,
  call: Call,
  delegation: DelegationInit | Delegation | 'any',
  options: RunWithTokenOptions,
): Promise<void> {
  rejectUnknownOptions('runWithToken', options, OPTIONS);
  const { timeout = Number.POSITIVE_INFINITY } = options;
  checkTimeout(timeout);
  const child = start(call, delegation, options);
  let setup: unknown;
  // There may be more than one: the actual problem, and a signal that could not be sent.
  child.on('error', (error) => {
    setup ??= error;
  });
  const closed = new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (code, signal) => resolve([code, signal])),
  );

  // Without descriptors or memory for a process there are no streams, even if the types say there are.
  const frames = (child.stdio as ChildProcess['stdio'] | undefined)?.[FRAMES];
  if (!frames) {
    await closed;
    throw setup;
  }
  const observer = new Observer(frames as Readable);

  const kill = (): boolean => child.kill('SIGKILL');
  let timedOut: number | undefined;
  const giveUp = (): void => {
    timedOut = timeout;
    kill();
  };
  const timer = timeout === Number.POSITIVE_INFINITY ? undefined : setTimeout(giveUp, timeout);
  t.signal.addEventListener('abort', kill, { once: true });

  const interrupted = async (): Promise<Error> => {
    const [code, signal] = await closed;
    const { reached, over, uncaught, around } = observer;
    const state = { reached, over, uncaught, around, code, signal, timedOut };
    return endingError({ ...call, ...state, aborted: t.signal.aborted });
  };
  try {
    await replay(t, { next: () => observer.next(), interrupted }, 0);
  } catch (error) {
    if (setup === undefined) throw error;
    if (!isEnvironmental(setup)) throw setup;
    t.skip((setup as Error).message);
  } finally {
    try {
      // After the subtest, only clean-up runs in its process: hooks, and the processes it started.
      while ((await observer.next()) !== undefined);
    } finally {
      await closed;
      clearTimeout(timer);
      t.signal.removeEventListener('abort', kill);
    }
  }
  if (timedOut !== undefined) throw await interrupted();
  if (observer.leaked.length > 0) throw leakError(call.fullName, observer.leaked);
}
