import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { capabilities } from '../../src/abi/index.ts';

const HEADER = '/usr/include/linux/capability.h';

test('capabilities are those of the header', (t) => {
  if (!existsSync(HEADER)) return t.skip(`there is no ${HEADER}`);
  const found = readFileSync(HEADER, 'utf8').matchAll(/^#define (CAP_[A-Z_]+)\s+(\d+)$/gm);
  let compared = 0;
  for (const [, name = '', number] of found) {
    assert.equal(capabilities.number(capabilities.parse(name)), Number(number), name);
    compared++;
  }
  assert.equal(compared, capabilities.names.length);
  assert.equal(capabilities.max, compared);
});

test('iterating gives names and numbers', () => {
  assert.deepEqual([...capabilities][39], ['bpf', 39]);
  assert.deepEqual(new Map(capabilities).get('net_admin'), 12);
});
