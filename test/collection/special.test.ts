// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection } from '../../src/collection/index.ts';
import { VerifierError } from '../../src/errors/index.ts';
import { kernelBtf } from '../../src/sys/index.ts';
import { compilers, fixture } from './fixture.ts';
import { needsLoading } from './needs.ts';

const PACKET = { data: new Uint8Array(64) };

for (const compiler of compilers) {
  const file = fixture(`special.el.${compiler}.o`);

  test(`${compiler}: a timer calls a function back, in a value with a lock`, needsLoading(), async () => {
    using collection = await Collection.load(file);
    const timers = collection.map('timers', 'hash');
    assert.equal(collection.programs.start?.testRun(PACKET).returnValue, 0);
    const fired = (): unknown => timers.get(7);
    for (let turn = 0; turn < 1000 && !hasFired(fired()); turn++) {
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual(fired(), { fired: 1, last: 7n }, "what is the kernel's is left out");
    assert.equal(collection.programs.hold?.testRun(PACKET).returnValue, 0);
    assert.deepEqual(timers.get(7), { fired: 11, last: 7n });
    timers.set(1, { fired: 3, last: 4n });
    assert.deepEqual(timers.get(1), { fired: 3, last: 4n });
  });

  test(`${compiler}: a section with a lock is read and written as a whole`, needsLoading(), (t) => {
    const collection = loadGuard(file);
    if (collection === undefined) return t.skip('the kernel has no locks in global variables (Linux 6.2)');
    t.after(() => collection.close());
    const { guarded, lock } = collection.variables;
    assert.equal(collection.programs.guard?.testRun(PACKET).returnValue, 4);
    assert.equal(guarded?.get(), 4);
    guarded?.set(10);
    assert.equal(collection.programs.guard?.testRun(PACKET).returnValue, 11);
    assert.equal(lock?.get(), undefined);
  });

  test(`${compiler}: a function is called for each element`, needsLoading(), () => {
    using collection = Collection.loadSync(file);
    const kept = collection.map('kept', 'array');
    // The older compiler does not mark the pointer as one of the kernel, so it is a number.
    const task = compiler === 'clang14' ? { task: 0n } : {};
    for (let i = 0; i < 4; i++) kept.set(i, { count: BigInt(i), ...task });
    assert.equal(collection.programs.sum_up?.testRun(PACKET).returnValue, 6);
  });
}

test("a pointer of the kernel's in a value stays when the value is written", needsLoading(), (t) => {
  const acquire = kernelBtf().byName('bpf_task_acquire', 'func');
  if (acquire === undefined) return t.skip('the kernel has no bpf_task_acquire (Linux 6.2)');
  using collection = Collection.loadSync(fixture('special.el.clang19.o'), { programs: ['keep'] });
  const kept = collection.map('kept', 'array');
  for (let i = 1; i < 4; i++) {
    assert.equal(collection.programs.keep?.testRun().returnValue, 0);
    assert.deepEqual(kept.get(2), { count: 1n });
    kept.set(2, { count: 0n });
  }
});

/** The object with the program that takes a lock; `undefined` where the kernel cannot verify it. */
function loadGuard(file: string): Collection | undefined {
  try {
    return Collection.loadSync(file, { programs: ['guard'] });
  } catch (error) {
    if (error instanceof VerifierError && /unlock of different lock/.test(error.log)) return undefined;
    throw error;
  }
}

function hasFired(value: unknown): boolean {
  return value instanceof Object && 'fired' in value && value.fired === 1;
}
