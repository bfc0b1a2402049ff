import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kernelHasTokens } from '../../src/token/index.ts';
import { isRoot } from '../needs.ts';
import { ebpfTs } from './run.ts';

const demo = fileURLToPath(new URL('../../examples/demo.js', import.meta.url));
const skip =
  isRoot() && kernelHasTokens() === true ? false : 'needs root in the initial user namespace, and tokens';

test('the demo shows a token status with capabilities and without', { skip }, () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, [demo], { encoding: 'utf8' });
  assert.deepEqual([stderr, status], ['', 0]);
  const [, , withCapabilities = '', , without = ''] = stdout.split(/^=== (.*)$/m);
  assert.match(withCapabilities, /^ {2}\/sys\/fs\/bpf +usable/m);
  assert.match(withCapabilities, /^ {2}map creation {2}yes \(hash\)$/m);
  assert.match(withCapabilities, /^ {2}program load {2}yes \(socket_filter\)$/m);
  assert.match(without, /^ {2}\/sys\/fs\/bpf +no_cap_bpf/m);
  assert.match(without, /^ {2}map creation {2}no: .*CAP_BPF/m);
});

test('and says what it needs where it cannot', { skip }, async () => {
  const run = ['token', 'run', '--delegate', 'any', '--', process.execPath, demo];
  const { stdout, stderr, status } = await ebpfTs(run);
  assert.deepEqual([stdout, status], ['', 1]);
  assert.equal(
    stderr,
    'Cannot delegate BPF: this needs root (CAP_SYS_ADMIN in the initial user namespace): run "sudo npm run demo"\n',
  );
});
