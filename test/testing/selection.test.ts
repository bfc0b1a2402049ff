// depends on: runtime
import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { runFixture } from './run-fixture.ts';
import { skip } from './support.ts';

const ODD = 12;

/** The lines that each process wrote, beginning with its top level. */
function processes(stdout: string, where: string): string[][] {
  const found: string[][] = [];
  for (const line of stdout.split('\n').filter((each) => each.startsWith(`RAN ${where} `))) {
    const what = line.slice(`RAN ${where} `.length);
    if (what === 'top level') found.push([]);
    found.at(-1)?.push(what);
  }
  return found;
}

test('only the chosen subtest runs, whatever it is called', { skip }, async (t) => {
  const run = await runFixture('selection.js', {
    env: { HOST_NAMESPACE: readlinkSync('/proc/self/ns/user') },
  });

  await t.test('every subtest passes', () => {
    const failed = run.results.filter(({ outcome }) => outcome === 'fail');
    assert.deepEqual(failed, [], run.stdout + run.stderr);
    assert.equal(run.code, 0);
  });

  await t.test('one process for each, and each body once', () => {
    const bodies = processes(run.stdout, 'token')
      .flat()
      .filter((line) => /^(twin|odd|within$|parallel)/.test(line));
    assert.equal(bodies.filter((line) => line === 'twin').length, 4);
    assert.equal(bodies.filter((line) => line.startsWith('odd')).length, ODD);
    assert.deepEqual(bodies.filter((line) => line.startsWith('parallel')).sort(), [
      'parallel left',
      'parallel left',
      'parallel right',
    ]);
  });

  await t.test('names reach the body as they are', () => {
    const seen = [...run.stdout.matchAll(/^RAN token odd (.*)$/gm)].map(([, text = '']) => JSON.parse(text));
    assert.ok(seen.some(([name]) => name === 'ünïcödé 漢字 🐝'));
    for (const [name, fullName] of seen) assert.equal(fullName, `odd > names (a|b) > ${name}`);
  });

  await t.test('no other body runs under a token', () => {
    const others = /^(another test|plain twin|other in suite|sibling|unrelated|member rest)$/;
    const wrong = processes(run.stdout, 'token')
      .flat()
      .filter((line) => others.test(line));
    assert.deepEqual(wrong, []);
  });

  await t.test('all of them run outside', () => {
    const [host = []] = processes(run.stdout, 'host');
    for (const line of [
      'another test',
      'plain twin',
      'other in suite',
      'sibling',
      'unrelated',
      'member rest',
    ]) {
      assert.ok(host.includes(line), line);
    }
  });

  await t.test('enclosing bodies run up to the call, then only their clean-up', () => {
    const chosen = processes(run.stdout, 'token').find((lines) => lines.includes('within')) ?? [];
    const expected = [
      ...['member start', 'own beforeEach', 'within', 'own beforeEach', 'deeper', 'member finally'],
      ...['member after', 'suite after', 'root after'],
    ];
    assert.deepEqual(
      chosen.filter((line) => expected.includes(line)),
      expected,
    );
    assert.ok(chosen.includes('suite before'));
  });

  await t.test('hooks of other top-level suites stay out from Node 22 on', () => {
    if (Number.parseInt(process.versions.node, 10) < 22) return;
    assert.ok(!processes(run.stdout, 'token').flat().includes('unrelated before'));
  });

  await t.test('a call inside is one without the right to delegate', () => {
    const inside = run.result('within another', 'outside', 'inside');
    assert.equal(inside.outcome, 'skip');
    assert.match(inside.skip ?? '', /^Cannot .*EPERM/);
  });
});
