/** The test reporter of a process that runs one subtest. It prints nothing, and sends that subtest's events. */
import { createRequire } from 'node:module';
import type { TestEvent } from 'node:test/reporters';
import { BLOCKED, type ChildState, childState, type EncodedError, type Frame } from './state.ts';

const require = createRequire(import.meta.url);

/** The place of the subtest's `t.test` call. Nothing else is called from there. */
const CALLER = /[/\\]run-target\.[jt]s$/;

type EndFrame = Extract<Frame, { kind: 'end' }>;

interface Outcome {
  readonly name: string;
  readonly nesting: number;
  readonly skip?: string | boolean;
  readonly todo?: string | boolean;
  readonly details: { readonly error?: { readonly cause?: unknown; readonly failureType?: string } };
}

const label = (value: string | boolean | undefined): string | true | undefined =>
  value === undefined || value === false ? undefined : value === '' ? true : value;

/** Loaded when there is an error, because most runs have none. */
function encode(error: unknown): EncodedError {
  const { encodeError } =
    require('../transport/encode-error.js') as typeof import('../transport/encode-error.ts');
  return encodeError(error);
}

function endFrame(data: Outcome, level: number): EndFrame {
  const { error } = data.details;
  const frame: EndFrame = {
    ...{ kind: 'end', level, name: data.name, diagnostics: [] },
    ...{ skip: label(data.skip), todo: label(data.todo) },
  };
  if (error === undefined) return frame;
  const { failureType = 'testCodeFailure' } = error;
  if (failureType === 'subtestsFailed') return { ...frame, failureType };
  return { ...frame, failureType, error: encode(error.cause ?? error) };
}

function reportAround(state: ChildState, { name, details: { error } }: Outcome): void {
  if (error === undefined || error.failureType === 'subtestsFailed') return;
  const { cause } = error;
  if (typeof cause === 'object' && cause !== null && BLOCKED in cause) return;
  state.send({ kind: 'around', name, error: encode(cause ?? error) });
}

export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string, void> {
  const state = childState();
  if (state === undefined) return;
  /** The depth of the subtest, from its start to its end. */
  let base: number | undefined;
  /** Diagnostics follow the end of their test, so an end waits for the event after them. */
  let held: EndFrame | undefined;
  let heldNesting = 0;
  const flush = (): void => {
    if (held !== undefined) state.send(held);
    held = undefined;
  };
  // --test-force-exit may end the process while this waits for an event that does not come.
  process.once('exit', flush);
  for await (const { type, data } of source) {
    if (type === 'test:diagnostic') {
      if (held !== undefined && data.nesting === heldNesting) held.diagnostics.push(data.message);
    } else if (type === 'test:start') {
      flush();
      if (data.file !== undefined && CALLER.test(data.file)) base ??= data.nesting;
      if (base !== undefined && data.nesting >= base) {
        state.send({ kind: 'start', level: data.nesting - base, name: data.name });
      }
    } else if (type === 'test:pass' || type === 'test:fail') {
      flush();
      const outcome = data as unknown as Outcome;
      if (state.phase === 'searching') reportAround(state, outcome);
      if (base === undefined || outcome.nesting < base) continue;
      held = endFrame(outcome, outcome.nesting - base);
      heldNesting = outcome.nesting;
      if (outcome.nesting === base) base = undefined;
    }
  }
  flush();
}
