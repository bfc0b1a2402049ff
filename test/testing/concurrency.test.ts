// depends on: runtime
import assert from 'node:assert/strict';
import { readlinkSync } from 'node:fs';
import { test } from 'node:test';
import { runFixture } from './run-fixture.ts';
import { skip } from './support.ts';

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('tests that run at the same time each find their subtest', { skip }, async () => {
  const { results, stdout, stderr, code } = await runFixture('concurrency.js', {
    env: { HOST_NAMESPACE: readlinkSync('/proc/self/ns/user') },
  });
  assert.deepEqual(
    results.filter(({ outcome }) => outcome !== 'pass'),
    [],
    stdout + stderr,
  );
  assert.equal(code, 0);

  const lines = stdout.split('\n');
  const ranIn = (where: string): string[] =>
    lines.flatMap((line) => (line.startsWith(`RAN ${where} `) ? [line.slice(`RAN ${where} `.length)] : []));
  const suites = ['all', 'two'];
  const members = suites.flatMap((suite) => numbers(4).map((i) => `${suite} ${i}`));
  const chosen = [
    ...members.map((member) => `chosen ${member}`),
    ...members.flatMap((member) => numbers(3).map((each) => `deeper ${member} ${each}`)),
    ...numbers(4).map((i) => `chosen part ${i}`),
  ];
  assert.deepEqual(ranIn('token').sort(), chosen.sort());
  const plain = members.flatMap((member) => [`plain ${member}`, `plain inside ${member}`]);
  assert.deepEqual(ranIn('host').sort(), plain.sort());
});
