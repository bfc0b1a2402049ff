// depends on: newest kernel
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { haveAttachType } from '../../../src/features/index.ts';
import { attachTracing, attachTracingMulti, type TracingMultiOptions } from '../../../src/link/index.ts';
import { openDescriptors } from '../../../src/sys/index.ts';
import { runWithToken, skipUnlessSupported } from '../../../src/testing/index.ts';
import { functionId } from '../iterator/iterator-support.ts';
import { counter, needsRoot, ownTracefs } from '../support.ts';

const MULTI = { feature: 'a tracing link to several kernel functions', since: '7.2' };
const SESSION = { feature: 'a session of a traced function', since: '7.0' };
const TYPES = ['trace_fentry_multi', 'trace_fexit_multi', 'trace_fsession_multi'] as const;

const readFile = (): void => void readFileSync('/proc/self/comm');

function supported(t: TestContext): boolean {
  return skipUnlessSupported(t, haveAttachType('trace_fentry_multi'), MULTI);
}

for (const attachType of TYPES) {
  test(`${attachType} of several functions, and of all that match a pattern`, needsRoot(), (t) => {
    if (!supported(t)) return;
    using runs = counter('tracing', { attachType });
    const before = openDescriptors().length;
    {
      const functions = ['vfs_read', 'vfs_open'];
      using link = attachTracingMulti(runs.program, { functions, cookies: [1, 2n] });
      readFile();
      assert.equal(link.type, 'tracing_multi');
      assert.equal(link.info().type, 'tracing_multi');
      assert.ok(runs.count() >= (attachType === 'trace_fsession_multi' ? 4 : 2));
    }
    const after = runs.count();
    readFile();
    assert.equal(runs.count(), after);
    using tracefs = ownTracefs();
    // Many functions take long in an emulated machine.
    const pattern = attachType === 'trace_fentry_multi' ? 'vfs_*' : 'vfs_rea?';
    using _ = attachTracingMulti(runs.program, { pattern, tracefs: tracefs.folder });
    readFile();
    assert.ok(runs.count() >= after + 1);
    assert.equal(openDescriptors().length, before + 1);
  });
}

test('a session of one function runs at its start and its end', needsRoot(), (t) => {
  if (!skipUnlessSupported(t, haveAttachType('trace_fsession'), SESSION)) return;
  const attachBtfId = functionId('vfs_rmdir');
  using session = counter('tracing', { attachType: 'trace_fsession', attachBtfId });
  using entry = counter('tracing', { attachType: 'trace_fentry', attachBtfId });
  for (const options of [{}, { cookie: 7 }]) {
    using _ = attachTracing(session.program, options);
    using __ = attachTracing(entry.program);
    rmdirSync(mkdtempSync(join(tmpdir(), 'ebpf-ts-session-')));
  }
  assert.ok(entry.count() >= 2);
  assert.equal(session.count(), 2 * entry.count());
});

test('what is wrong is said', needsRoot(), (t) => {
  using iterator = counter('tracing', {
    attachType: 'trace_iter',
    attachBtfId: functionId('bpf_iter_bpf_map'),
  });
  assert.throws(
    () => attachTracingMulti(iterator.program, { functions: ['vfs_read'] }),
    /must be loaded for trace_fentry_multi, trace_fexit_multi, trace_fsession_multi: not trace_iter$/,
  );
  if (!supported(t)) return;
  using runs = counter('tracing', { attachType: 'trace_fentry_multi' });
  assert.throws(() => attachTracing(runs.program), /must be attached with attachTracingMulti/);
  const wrong: [object, RegExp][] = [
    [{}, /give at least one function/],
    [{ functions: ['a'], pattern: 'b' }, /give functions or pattern, not both/],
    [{ pattern: 'vfs_*', cookies: [1] }, /cookies belong to functions/],
    [{ functions: ['vfs_read'], cookies: [1, 2] }, /2 cookies for 1 places/],
    [{ functions: ['vfs_raed'] }, /kernel BTF has no function "vfs_raed" \(did you mean "vfs_read"/],
    [{ pattern: 'no_such_function_*' }, /Cannot find a kernel function that can be traced and matches/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(
      () => attachTracingMulti(runs.program, options as TracingMultiOptions),
      (error: Error) => message.test(error.message),
      `${message}`,
    );
  }
});

test('under a token', async (t) => {
  if (!supported(t)) return;
  await runWithToken(
    t,
    'several functions',
    {
      cmds: ['prog_load', 'map_create'],
      maps: ['array'],
      progs: ['tracing'],
      attachs: ['trace_fentry_multi'],
    },
    () => {
      using runs = counter('tracing', { attachType: 'trace_fentry_multi' });
      using _ = attachTracingMulti(runs.program, { functions: ['vfs_read'] });
      readFile();
      assert.ok(runs.count() >= 1);
    },
    { capabilities: ['perfmon'] },
  );
});
