// depends on: runtime
import assert from 'node:assert/strict';
import { release } from 'node:os';
import { type TestContext, test } from 'node:test';
import { NotSupportedError } from '../../src/errors/index.ts';
import { kernelBuildOption } from '../../src/sys/index.ts';
import { runWithEachPermissionRemoved, skipUnlessSupported } from '../../src/testing/index.ts';
import { mapCreate } from '../../src/token/commands.ts';
import { runFixture } from './run-fixture.ts';
import { skip } from './support.ts';

test('a minimal delegation', { skip }, async (t) => {
  await runWithEachPermissionRemoved(
    t,
    'is proven so',
    { cmds: ['map_create'], maps: ['hash', 'array'] },
    () => {
      for (const map_type of [1, 2]) {
        mapCreate({ map_type, key_size: 4, value_size: 4, max_entries: 1 }).close();
      }
    },
  );
});

test('a delegation that is not minimal, or a refusal for another reason, fails', { skip }, async (t) => {
  const run = await runFixture('permissions.js');
  await t.test('for want of a refusal', () => {
    assert.equal(run.result('outer', 'too much', 'with all permissions').outcome, 'pass');
    assert.equal(run.result('outer', 'too much', 'without delegate_maps=hash').outcome, 'pass');
    const { error } = run.result('outer', 'too much', 'without delegate_maps=array');
    assert.match(error?.message ?? '', /passes without delegate_maps=array: the delegation is not minimal$/);
  });
  await t.test('for another error', () => {
    const { error } = run.result('outer', 'another error', 'without delegate_maps=hash');
    assert.match(error?.message ?? '', /^Without delegate_maps=hash .* but it threw: Error: unrelated$/);
    assert.equal(error?.cause?.message, 'unrelated');
  });
  await t.test('for a delegation that cannot be taken apart', () => {
    assert.match(run.result('outer').error?.message ?? '', /maps: "any" has no single permissions/);
  });
});

test('skipUnlessSupported', async (t) => {
  const context = (): { skipped: string[]; t: TestContext } => {
    const skipped: string[] = [];
    return { skipped, t: { skip: (reason: string) => skipped.push(reason) } as unknown as TestContext };
  };
  await t.test('goes on with a yes', () => {
    const { skipped, t: fake } = context();
    assert.equal(skipUnlessSupported(fake, { answer: 'yes' }, { feature: 'x', since: '99.1' }), true);
    assert.deepEqual(skipped, []);
  });
  await t.test('skips on a kernel older than the feature', () => {
    const { skipped, t: fake } = context();
    assert.equal(skipUnlessSupported(fake, { answer: 'no' }, { feature: 'x', since: '99.1' }), false);
    assert.deepEqual(skipped, [`needs x, which came with Linux 99.1; this is ${release()}`]);
  });
  await t.test('fails on one that should have it', () => {
    assert.throws(
      () => skipUnlessSupported(context().t, { answer: 'no' }, { feature: 'x', since: '4.4' }),
      (error) => error instanceof NotSupportedError && error.feature === 'x' && error.since === '4.4',
    );
  });
  await t.test('skips where the kernel was built without it', () => {
    if (kernelBuildOption('CONFIG_NO_SUCH') === undefined) return;
    const { skipped, t: fake } = context();
    const requirement = { feature: 'x', since: '4.4', config: 'CONFIG_NO_SUCH' };
    assert.equal(skipUnlessSupported(fake, { answer: 'no' }, requirement), false);
    assert.match(skipped[0] ?? '', /built without CONFIG_NO_SUCH$/);
  });
  await t.test('fails when the probe could not tell', () => {
    const cause = new Error('no memory');
    assert.throws(
      () => skipUnlessSupported(context().t, { answer: 'unknown', cause }, { feature: 'x', since: '4.4' }),
      cause,
    );
  });
});
