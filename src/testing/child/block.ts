/**
 * Keeps tests from running, from a hook: Node has no way to, other than an error of the hook, and a hook has one place
 * for its error and for its end, for all tests that go through it at the same time. Of these one would fail for
 * another, or run because of it.
 */
import { AsyncResource } from 'node:async_hooks';
import { BLOCKED } from './state.ts';

type Run = (fn: (...args: unknown[]) => unknown, context: unknown, ...args: unknown[]) => unknown;

/** Contexts of tests whose functions and further hooks are not to run. */
const blocked = new WeakSet<object>();
/** The context of the function that is called now. */
let entered: unknown;

const reason = (): Error =>
  Object.assign(new Error('not the test that this process is for'), { [BLOCKED]: true });

/** What is called instead of a hook: it has nothing to do. */
function nothing(args: readonly unknown[], length: number): void {
  // A function with one argument more than the context calls it back when it is done.
  const done = args.at(-1);
  if (length === args.length && typeof done === 'function') done();
}

/** Node calls the functions of tests and hooks through this method, with the test's context as `this`. */
export function watchTests(): void {
  const { prototype } = AsyncResource as unknown as { prototype: { runInAsyncScope: Run } };
  const { runInAsyncScope } = prototype;
  prototype.runInAsyncScope = function (this: { readonly hookType?: unknown }, fn, context, ...args) {
    if (typeof context === 'object' && context !== null && blocked.has(context)) {
      if (this.hookType === undefined) throw reason();
      return nothing(args, fn.length);
    }
    const before = entered;
    entered = context;
    try {
      return runInAsyncScope.call(this, fn, context, ...args);
    } finally {
      entered = before;
    }
  };
}

/** Called in a hook: the test of this context is not to run. */
export function block(context: object): void {
  // A Node that calls hooks in another way calls tests so too. Then one at a time is all that works.
  if (entered !== context) throw reason();
  blocked.add(context);
}
