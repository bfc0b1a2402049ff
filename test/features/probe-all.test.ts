// depends on: kernel
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { helpers, programTypes } from '../../src/abi/index.ts';
import { features, forgetAnswers, probeAll } from '../../src/features/index.ts';
import { needsRoot } from './privileges.ts';

after(forgetAnswers);

test('the event loop stays free', needsRoot(), async () => {
  let turns = 0;
  let going = true;
  const turn = (): void => {
    turns++;
    if (going) setImmediate(turn);
  };
  turn();
  const report = await probeAll({ btf: 'off', helpers: true });
  going = false;
  assert.ok(turns > 5, `${turns} turns`);
  assert.deepEqual(Object.keys(report.features), [...features]);
  assert.equal(Object.keys(report.programTypes).length, programTypes.names.length - 1);
  assert.equal(Object.keys(report.helpers?.xdp ?? {}).length, helpers.names.length - 1);
});

test(
  'helpers whose programs make the kernel warn are left to those who ask for them',
  needsRoot(),
  async () => {
    const report = await probeAll({ helpers: true });
    const answer = report.helpers?.kprobe.probe_write_user;
    assert.ok(answer?.answer === 'unknown');
    assert.match(answer.cause.message, /warn/);
  },
);

test('helpers are asked about on request only', async () => {
  assert.equal((await probeAll({ token: 'off' })).helpers, undefined);
});

test('arguments are checked', async () => {
  await assert.rejects(probeAll({ helper: true } as object), { name: 'TypeError', message: /"helpers"/ });
});
