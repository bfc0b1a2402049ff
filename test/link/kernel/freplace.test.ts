// depends on: kernel
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { attachTracing, type TracingOptions } from '../../../src/link/index.ts';
import type { Program } from '../../../src/program/index.ts';
import { openDescriptors } from '../../../src/sys/index.ts';
import { fixture } from '../../collection/fixture.ts';
import { counter, needsRoot, tryTo } from '../support.ts';

/** Programs whose function "shared" can be replaced, and a program that replaces it in the first. */
function load(
  t: TestContext,
): { targets: Collection; replacement: Program; [Symbol.dispose](): void } | undefined {
  const spec = CollectionSpec.loadSync(fixture('variables.el.clang19.o'));
  (spec.programs.optional ?? assert.fail()).autoload = true;
  const targets = Collection.loadSync(spec);
  const program = targets.programs.main_program ?? assert.fail();
  const only = CollectionSpec.loadSync(fixture('targets.el.clang19.o'));
  for (const each of Object.values(only.programs)) each.autoload = each.name === 'replacement';
  const loaded = tryTo(() => Collection.loadSync(only, { targets: { replacement: { program } } }));
  if (typeof loaded === 'string') {
    targets.close();
    t.skip(loaded);
    return undefined;
  }
  const close = (): void => {
    loaded.close();
    targets.close();
  };
  return { targets, replacement: loaded.programs.replacement ?? assert.fail(), [Symbol.dispose]: close };
}

test('a program replaces a function of what it was loaded for, and of another program', needsRoot(), (t) => {
  using loaded = load(t);
  if (loaded === undefined) return;
  const { targets, replacement } = loaded;
  const [first, second] = [targets.programs.main_program, targets.programs.optional];
  assert.ok(first !== undefined && second !== undefined);
  const results = (): boolean[] =>
    [first, second].map((each) => each.testRun({ data: new Uint8Array(64) }).returnValue >= 1000);
  assert.deepEqual(results(), [false, false]);
  const before = openDescriptors().length;
  {
    using link = attachTracing(replacement);
    assert.equal(link.type, 'tracing');
    assert.deepEqual(results(), [true, false]);
    // The section is SEC("?freplace/shared").
    using another = attachTracing(replacement, { target: second });
    assert.equal(another.type, 'tracing');
    assert.equal(another.info().type, 'tracing');
    assert.deepEqual(results(), [true, true]);
    assert.throws(() => attachTracing(replacement, { target: second, function: 'shared' }), {
      code: 'EBUSY',
      message:
        /to function shared of program "optional" \(socket_filter\): EBUSY: the function is replaced already/,
    });
  }
  assert.deepEqual(results(), [false, false]);
  using again = attachTracing(replacement, { target: first, function: 'shared' });
  assert.equal(again.closed, false);
  assert.deepEqual(results(), [true, false]);
  assert.equal(openDescriptors().length, before + 1);
});

test('what cannot be replaced is said', needsRoot(), (t) => {
  using plain = counter('raw_tracepoint');
  using traced = tryCounter();
  const attach = (program: Program, options: TracingOptions) => () => attachTracing(program, options);
  if (traced !== undefined) {
    assert.throws(
      attach(traced.program, { target: plain.program }),
      /only programs of type ext take a target here/,
    );
  }
  using loaded = load(t);
  if (loaded === undefined) return;
  const { targets, replacement } = loaded;
  const target = targets.programs.optional ?? assert.fail();
  const before = openDescriptors().length;
  assert.throws(attach(replacement, { target, function: 'shard' }), {
    code: 'ERR_BPF_ATTACH_TARGET',
    message:
      /to function shard of program "optional" \(socket_filter\): .* has no function "shard" \(did you mean "shared"/,
  });
  assert.throws(attach(replacement, { target, function: 'optional' }), { code: 'EINVAL' });
  assert.throws(attach(replacement, { target: plain.program }), {
    code: 'ERR_BPF_ATTACH_TARGET',
    message: /has no BTF, so its functions have no names$/,
  });
  assert.throws(
    attach(replacement, { function: 'shared' }),
    /give target, the program that has the function/,
  );
  assert.throws(attach(replacement, { target, cookie: 1 }), /programs of type ext have no cookie/);
  assert.throws(attach(replacement, { target: {} as Program }), /target must be a Program/);
  assert.equal(openDescriptors().length, before);
});

function tryCounter(): ReturnType<typeof counter> | undefined {
  const made = tryTo(() => counter('tracing', { attachType: 'trace_iter', attachBtfId: 1 }));
  return typeof made === 'string' ? undefined : made;
}
