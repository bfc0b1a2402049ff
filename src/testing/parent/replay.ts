import type { TestContext } from 'node:test';
import { decodeError } from '../transport/decode-error.ts';
import type { Encoded } from '../transport/encode-error.ts';
import type { TestFrame } from './observer.ts';

type EndFrame = Extract<TestFrame, { kind: 'end' }>;

/** The source of frames, and the error to throw if they stop too early. */
export interface FrameSource {
  readonly next: () => Promise<TestFrame | undefined>;
  readonly interrupted: () => Promise<Error>;
}

function replayEnd(t: TestContext, frame: EndFrame): void {
  for (const message of frame.diagnostics) t.diagnostic(message);
  if (frame.skip !== undefined) t.skip(frame.skip === true ? undefined : frame.skip);
  if (frame.todo !== undefined) t.todo(frame.todo === true ? undefined : frame.todo);
  // Failed subtests were replayed as such, so this test fails without more.
  if (frame.failureType === undefined || frame.failureType === 'subtestsFailed') return;
  throw decodeError(frame.error as Encoded);
}

/** Replays what a test did in another process: its subtests, and its end. */
export async function replay(t: TestContext, source: FrameSource, level: number): Promise<void> {
  for (;;) {
    const frame = await source.next();
    if (frame === undefined) throw await source.interrupted();
    if (frame.kind === 'end' && frame.level === level) return replayEnd(t, frame);
    if (frame.kind === 'start' && frame.level === level + 1) {
      await t.test(frame.name, (sub) => replay(sub, source, level + 1));
    }
  }
}
