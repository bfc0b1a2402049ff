import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mapTypes, programTypes } from '../../src/abi/index.ts';
import { features } from '../../src/features/index.ts';
import { ebpfTs } from './run.ts';

type Answers = Record<string, { answer: string; message?: string }>;

test('features prints all answers as JSON, with a reason for each that is not definite', async () => {
  const { stdout, stderr, status } = await ebpfTs(['features', '--json']);
  assert.deepEqual([stderr, status], ['', 0]);
  const report = JSON.parse(stdout) as Record<string, Answers>;
  const valid = (names: readonly string[]): string[] => names.filter((name) => name !== 'unspec').sort();
  assert.deepEqual(Object.keys(report.mapTypes ?? {}).sort(), valid(mapTypes.names));
  assert.deepEqual(Object.keys(report.programTypes ?? {}).sort(), valid(programTypes.names));
  assert.deepEqual(Object.keys(report.features ?? {}).sort(), valid(features));
  assert.equal(report.helpers, undefined);
  for (const answers of Object.values(report)) {
    for (const [name, { answer, message }] of Object.entries(answers)) {
      const definite = answer === 'yes' || answer === 'no';
      assert.equal(message === undefined, definite, `${name}: ${answer}`);
    }
  }
});

test('features prints plain text into a pipe', async () => {
  const { stdout, status } = await ebpfTs(['features']);
  assert.equal(status, 0);
  for (const title of ['Map types', 'Program types', 'Attach types', 'Features']) {
    assert.match(stdout, new RegExp(`^${title}$`, 'm'));
  }
  assert.ok(!stdout.includes('\u001b'));
});
