/**
 * Loaded before the test file in a process that runs one subtest under a token. A hook at the root, which every test
 * inherits, keeps all other tests from running.
 */
import { createRequire } from 'node:module';
import { after, beforeEach } from 'node:test';
import { block, watchTests } from './block.ts';
import { type ChildState, type Frame, STATE, TARGET_VARIABLE, type Target } from './state.ts';

const { writeSync } = process.getBuiltinModule('node:fs');

const require = createRequire(import.meta.url);

/** Frames go out at once, so that none is lost when the test ends the process. */
function writeFrame(fd: number, frame: Frame): void {
  const body = process.getBuiltinModule('node:v8').serialize(frame);
  const bytes = Buffer.allocUnsafe(4 + body.length);
  bytes.writeUInt32LE(body.length);
  body.copy(bytes, 4);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      // If the parent is gone, it wants no frames, and it takes this process with it.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
    }
  }
}

function install(target: Target): void {
  const state: ChildState = { target, phase: 'searching', send: (frame) => writeFrame(target.fd, frame) };
  (globalThis as { [STATE]?: ChildState })[STATE] = state;
  watchTests();
  beforeEach((t) => {
    // Hooks get the context of a test. The types also allow that of a suite.
    const { fullName } = t as { fullName: string };
    if (state.phase === 'expected' && fullName === target.fullName) {
      state.phase = 'running';
      return;
    }
    const inside = state.phase === 'running' && fullName.startsWith(`${target.fullName} > `);
    const around = state.phase === 'searching' && target.fullName.startsWith(`${fullName} > `);
    if (!inside && !around) block(t);
  });
  after(() => state.send({ kind: 'over' }));
  process.on('uncaughtExceptionMonitor', (error) => {
    const { encodeError } =
      require('../transport/encode-error.js') as typeof import('../transport/encode-error.ts');
    state.send({ kind: 'uncaught', error: encodeError(error) });
  });
}

const text = process.env[TARGET_VARIABLE];
if (text !== undefined) {
  delete process.env[TARGET_VARIABLE];
  const target = JSON.parse(text) as Target;
  // A process started with `fork` inherits this, and must not become such a child.
  process.execArgv.splice(0, target.ownOptions);
  install(target);
}
