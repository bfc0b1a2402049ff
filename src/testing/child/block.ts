/**
 * Keeps tests from running, from a hook. Node's only way to do that is an error of the hook. But a hook has one place
 * for its error and one for its end, shared by all tests that go through it at the same time. So one test would fail,
 * or run, because of another.
 */
import { AsyncResource } from 'node:async_hooks';
import { BLOCKED } from './state.ts';

type Run = (fn: (...args: unknown[]) => unknown, context: unknown, ...args: unknown[]) => unknown;

/** Contexts of tests whose functions and further hooks must not run. */
const blocked = new WeakSet<object>();
/** The context of the function that is being called. */
let entered: unknown;

const reason = (): Error => Object.assign(new Error('this process runs another test'), { [BLOCKED]: true });

/** Called instead of a hook: does nothing. */
function nothing(args: readonly unknown[], length: number): void {
  // A function with one argument more than the context calls back when it is done.
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

/** Called in a hook: the test of this context must not run. */
export function block(context: object): void {
  // If a Node calls hooks in another way, it calls tests that way too. Then only one test at a time works.
  if (entered !== context) throw reason();
  blocked.add(context);
}
