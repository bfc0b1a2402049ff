import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { TestContext } from 'node:test';
import type { Delegation, DelegationInit } from '../../token/delegation.ts';
import { type Frame, TARGET_VARIABLE, type Target } from '../child/state.ts';
import type { RunWithTokenOptions } from '../run-with-token.ts';
import { isEnvironmental } from '../setup-error.ts';
import { spawnWithToken } from '../spawn-with-token.ts';
import { decodeError } from '../transport/decode-error.ts';
import type { Encoded } from '../transport/encode-error.ts';
import { readFrames } from '../transport/frame-reader.ts';
import { endingError } from './ending.ts';
import { childEnvironment, inheritedOptions, ownOptions } from './node-options.ts';
import { type FrameSource, replay } from './replay.ts';

/** The descriptor of the frames in the child: the first after stdio. */
const FRAMES = 3;

/** The call of `runWithToken` that a child is to find again. */
export interface Call {
  readonly file: string;
  readonly fullName: string;
  readonly occurrence: number;
}

function start(
  call: Call,
  delegation: DelegationInit | Delegation | 'any',
  options: RunWithTokenOptions,
): ChildProcess {
  const own = ownOptions(call.fullName);
  const target: Target = { ...call, fd: FRAMES, ownOptions: own.length };
  // Under `node --test` stdout carries this process's own reports: the child must not write between them.
  const output = process.env.NODE_TEST_CONTEXT === undefined ? 'inherit' : 'pipe';
  const { capabilities, mount, moreMounts, net } = options;
  const child = spawnWithToken(
    process.execPath,
    [...own, ...inheritedOptions(), call.file, ...process.argv.slice(2)],
    {
      ...{ delegation, capabilities, mount, moreMounts, net },
      env: childEnvironment({ [TARGET_VARIABLE]: JSON.stringify(target) }),
      stdio: ['inherit', output, output, 'pipe'],
    },
  );
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  return child;
}

/** Runs the subtest of `call` in a new process, and goes through its result in `t`. */
export async function runChild(
  t: TestContext,
  call: Call,
  delegation: DelegationInit | Delegation | 'any',
  options: RunWithTokenOptions,
): Promise<void> {
  const seen: {
    reached: boolean;
    over: boolean;
    uncaught?: { error: unknown };
    around?: { name: string; error: unknown };
  } = { reached: false, over: false };
  let setup: unknown;
  let timedOut: number | undefined;
  const child = start(call, delegation, options);
  child.once('error', (error) => {
    setup = error;
  });
  const closed = new Promise<[number | null, string | null]>((resolve) =>
    child.once('close', (code, signal) => resolve([code, signal])),
  );
  const kill = (): boolean => child.kill('SIGKILL');
  t.signal.addEventListener('abort', kill, { once: true });
  const timer =
    options.timeout === undefined || options.timeout === Number.POSITIVE_INFINITY
      ? undefined
      : setTimeout(() => {
          timedOut = options.timeout;
          kill();
        }, options.timeout);

  const frames = readFrames(child.stdio[FRAMES] as Readable);
  const next = async (): Promise<Frame | undefined> => {
    for (;;) {
      const { value: frame } = await frames.next();
      if (frame === undefined) return undefined;
      if (frame.kind === 'reached') seen.reached = true;
      else if (frame.kind === 'over') seen.over = true;
      else if (frame.kind === 'uncaught') seen.uncaught = { error: decodeError(frame.error as Encoded) };
      else if (frame.kind === 'around')
        seen.around ??= { name: frame.name, error: decodeError(frame.error as Encoded) };
      else return frame;
    }
  };
  const interrupted = async (): Promise<Error> => {
    const [code, signal] = await closed;
    return endingError({ ...call, ...seen, code, signal, timedOut, aborted: t.signal.aborted });
  };
  try {
    await replay(t, { next, interrupted } satisfies FrameSource, 0);
  } catch (error) {
    if (setup === undefined) throw error;
    if (!isEnvironmental(setup)) throw setup;
    t.skip((setup as Error).message);
  } finally {
    // What follows the subtest in its process is clean-up: of hooks, and of the processes it started.
    while ((await next()) !== undefined);
    await closed;
    clearTimeout(timer);
    t.signal.removeEventListener('abort', kill);
  }
}
