import type { TestContext } from 'node:test';
import type { ChildState } from './state.ts';

/** Thrown where the subtest was called, so that only clean-up happens after it. */
class Unwind extends Error {
  override readonly name: string = 'Unwind';

  constructor() {
    super('the subtest that this process runs is over');
  }
}

/**
 * `runWithToken` in a child: runs the subtest if this process is for it. Other calls return at once, or unwind when
 * that subtest is over.
 *
 * The reporter recognises the subtest by this file, so no other test may start here.
 */
export async function runTarget(
  state: ChildState,
  t: TestContext,
  name: string,
  fn: (t: TestContext) => unknown,
  call: { readonly fullName: string; readonly occurrence: number },
): Promise<void> {
  if (state.phase === 'done') throw new Unwind();
  if (call.fullName !== state.target.fullName || call.occurrence !== state.target.occurrence) return;
  state.phase = 'expected';
  state.send({ kind: 'reached' });
  await t.test(name, fn as (t: TestContext) => Promise<void>);
  state.phase = 'done';
  throw new Unwind();
}
