import type { Readable } from 'node:stream';
import type { Frame } from '../child/state.ts';
import { decodeError } from '../transport/decode-error.ts';
import type { Encoded } from '../transport/encode-error.ts';
import { readFrames } from '../transport/frame-reader.ts';

/** A frame about a test. */
export type TestFrame = Extract<Frame, { kind: 'start' | 'end' }>;

/** Reads the frames of a child, and keeps the facts that are not about the course of the tests. */
export class Observer {
  /** The enclosing tests reached the subtest. */
  reached = false;
  /** Every test of the file is over. */
  over = false;
  /** The first exception that nobody caught. */
  uncaught: { readonly error: unknown } | undefined;
  /** The first enclosing test that failed before it got to the subtest. */
  around: { readonly name: string; readonly error: unknown } | undefined;
  /** What was left open at the end. */
  leaked: readonly string[] = [];
  readonly #frames: AsyncGenerator<Frame, void>;

  constructor(stream: Readable) {
    this.#frames = readFrames(stream);
  }

  /** The next frame about a test; `undefined` if there are no more frames. */
  async next(): Promise<TestFrame | undefined> {
    for (;;) {
      const { value: frame } = await this.#frames.next();
      if (frame === undefined) return undefined;
      if (frame.kind === 'start' || frame.kind === 'end') return frame;
      this.#note(frame);
    }
  }

  #note(frame: Exclude<Frame, TestFrame>): void {
    switch (frame.kind) {
      case 'reached':
        this.reached = true;
        break;
      case 'over':
        this.over = true;
        break;
      case 'leaked':
        this.leaked = frame.what;
        break;
      case 'uncaught':
        this.uncaught ??= { error: decodeError(frame.error as Encoded) };
        break;
      case 'around':
        this.around ??= { name: frame.name, error: decodeError(frame.error as Encoded) };
    }
  }
}
