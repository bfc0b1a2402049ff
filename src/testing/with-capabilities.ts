import { AsyncLocalStorage } from 'node:async_hooks';
import { capabilities as capabilityTable } from '../abi/index.ts';
import { BpfError, capabilityText, checkArray, checkFunction } from '../errors/index.ts';
import {
  type Capability,
  type CapabilitySets,
  capabilityMask,
  getCapabilities,
  setCapabilities,
} from '../sys/index.ts';

/** A call that has not restored the thread's capabilities. */
interface Call {
  readonly capabilities: readonly Capability[];
  readonly before: Pick<CapabilitySets, 'effective' | 'permitted' | 'inheritable'>;
  /** The call whose function made this one. */
  readonly outer: Call | undefined;
  /** Settles when a call that this one's function made has restored. */
  inner: Promise<void> | undefined;
  over: boolean;
}

/** The state of a thread. */
interface Thread {
  /** The call whose function the current code belongs to, even after it waited. */
  readonly inside: AsyncLocalStorage<Call>;
  /** The call whose capabilities the thread has now. */
  current: Call | undefined;
}

/** Each thread has its own global object, and all copies of the package find the state in it. */
const THREAD: unique symbol = Symbol.for('ebpf-ts.testing.capabilities');

function ownThread(): Thread {
  const place = globalThis as { [THREAD]?: Thread };
  place[THREAD] ??= { inside: new AsyncLocalStorage(), current: undefined };
  return place[THREAD];
}

const list = (capabilities: readonly Capability[]): string =>
  capabilities.map(capabilityText).join(', ') || 'no capabilities';

/** The nearest call around this place that has not restored yet. */
function around({ inside }: Thread): Call | undefined {
  let call = inside.getStore();
  while (call?.over === true) call = call.outer;
  return call;
}

function open(thread: Thread, capabilities: readonly Capability[]): Call {
  const outer = around(thread);
  if (thread.current !== outer && thread.current !== undefined) {
    const other = list(thread.current.capabilities);
    throw new BpfError(
      `Cannot run with ${list(capabilities)}: a call of withCapabilities with ${other} has not settled, and the whole thread has its capabilities: await it first`,
      { code: 'ERR_BPF_IN_USE' },
    );
  }
  const before = getCapabilities();
  setCapabilities({ ...before, effective: capabilityMask(capabilities) });
  const call: Call = { capabilities, before, outer, inner: undefined, over: false };
  thread.current = call;
  return call;
}

function close(thread: Thread, call: Call): void {
  call.over = true;
  thread.current = call.outer;
  setCapabilities(call.before);
}

/** Closes a call when the call inside it, which nobody waited for, is closed. */
async function closeAfterInner(thread: Thread, call: Call): Promise<void> {
  while (call.inner !== undefined) await call.inner;
  close(thread, call);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

/** Tells the outer call about one that goes on after its function returned. */
function attach(call: Call, closed: Promise<unknown>): void {
  const { outer } = call;
  if (outer === undefined) return;
  const inner: Promise<void> = closed.then(
    () => {},
    () => {},
  );
  const settled = inner.then(() => {
    if (outer.inner === settled) outer.inner = undefined;
  });
  outer.inner = settled;
}

/**
 * Runs a function with only these effective capabilities. Restores the others when the function returns or throws, or
 * when the promise it returned settles.
 *
 * Capabilities belong to threads. What this thread does is limited. What other threads do for it is not, for example
 * asynchronous file access and `Program.load`. Until a promise has settled, everything else on this thread is limited
 * too, and another call is refused, unless it is made inside the function. A call inside must end before the one around
 * it: the outer call waits for it. If the outer function returned no promise, that is an error.
 *
 * ```ts
 * const id = withCapabilities(['bpf'], () => BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 1 }));
 * ```
 *
 * @param capabilities - named as in capabilities(7), `net_admin`; those the thread may not have are an error
 * @returns what the function returns; a promise if that can be waited for
 * @throws TypeError for an unknown name
 * @throws BpfError `EPERM` when the thread is not permitted one of them, `ERR_BPF_IN_USE` while another call has not
 *   settled, or when the function returned before one inside it settled
 */
export function withCapabilities<T>(capabilities: readonly Capability[], fn: () => T): T {
  checkArray('withCapabilities: capabilities', capabilities);
  checkFunction('withCapabilities: fn', fn);
  const names = capabilities.map(capabilityTable.parse);
  const thread = ownThread();
  const call = open(thread, names);
  let result: T;
  try {
    result = thread.inside.run(call, fn);
    if (isThenable(result)) {
      const closed = Promise.resolve(result).finally(() => closeAfterInner(thread, call));
      attach(call, closed);
      return closed as T;
    }
    if (call.inner !== undefined) {
      throw new BpfError(
        `Cannot restore the capabilities: the function with ${list(names)} returned, but a call inside it has not settled: return its promise`,
        { code: 'ERR_BPF_IN_USE' },
      );
    }
  } catch (error) {
    if (call.inner === undefined) close(thread, call);
    else attach(call, closeAfterInner(thread, call));
    throw error;
  }
  close(thread, call);
  return result;
}
