import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeIterLinkInfo } from '../../src/abi/index.ts';

const words = (bytes: Uint8Array): number[] => [...new Uint32Array(bytes.buffer, 0, bytes.length / 4)];

test('the parameters of an iterator end with the last that is given', () => {
  assert.deepEqual(words(encodeIterLinkInfo({ map: { map_fd: 7 } })), [7]);
  assert.deepEqual(words(encodeIterLinkInfo({ cgroup: { order: 2, cgroup_fd: 8 } })), [2, 8]);
  assert.deepEqual(words(encodeIterLinkInfo({ task: { tid: 9 } })), [9]);
  assert.deepEqual(words(encodeIterLinkInfo({ task: { pid: 10 } })), [0, 10]);
  assert.deepEqual(words(encodeIterLinkInfo({ task: { pid_fd: 11 } })), [0, 0, 11]);
});
