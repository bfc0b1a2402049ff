// depends on: older tokens
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { NotSupportedError, TokenError } from '../../../src/errors/index.ts';
import { mountFileSystem, unmount } from '../../../src/sys/index.ts';
import { createToken, findTokens, kernelHasTokens } from '../../../src/token/index.ts';
import { needsRoot } from '../../needs.ts';

const { skip } = needsRoot();

function scratchDirectory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'ebpf-ts-token-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function scratchBpffs(t: TestContext, options: Readonly<Record<string, string>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'ebpf-ts-token-'));
  t.after(() => {
    unmount(path, { lazy: true });
    rmSync(path, { recursive: true });
  });
  mountFileSystem('bpf', path, options);
  return path;
}

test('what is no path is a TypeError', () => {
  for (const mount of ['', 'a\0b', null, 3]) {
    assert.throws(() => createToken(mount as string), {
      name: 'TypeError',
      message: /^mount: .* is not a path$/,
    });
  }
});

/** The error that `createToken(mount)` throws. */
function refusalOf(mount: string): TokenError {
  try {
    createToken(mount).close();
  } catch (error) {
    assert.ok(error instanceof TokenError, String(error));
    assert.equal(error.command, 'token_create');
    assert.equal(error.mount, mount);
    return error;
  }
  throw new assert.AssertionError({ message: `a token was made from ${mount}` });
}

test('a mount that gives no token says why', {
  skip: skip || (kernelHasTokens() ? false : 'this kernel has no BPF tokens'),
}, (t) => {
  const bpffs = scratchBpffs(t, { delegate_cmds: 'any' });
  const plain = scratchDirectory(t);
  mkdirSync(join(bpffs, 'sub'));
  const told = (mount: string): string[] => {
    const { message, reason, code } = refusalOf(mount);
    return [message.replaceAll(mount, 'PATH'), reason, code];
  };
  assert.deepEqual(told(bpffs), [
    'Cannot create a BPF token: PATH: this process is in the initial user namespace, where tokens do not exist: ' +
      'use capabilities instead',
    'no_token',
    'EOPNOTSUPP',
  ]);
  const notRoot =
    'Cannot create a BPF token: PATH: it is not the root of a bpffs: name the mount point itself';
  assert.deepEqual(told(join(bpffs, 'sub')), [notRoot, 'no_token', 'EINVAL']);
  assert.deepEqual(told(plain), [notRoot, 'no_token', 'EINVAL']);
  assert.deepEqual(told(join(plain, 'none')), [
    'Cannot create a BPF token: PATH: there is no such directory',
    'no_token',
    'ENOENT',
  ]);
});

test('a kernel without tokens says so', {
  skip: skip || (kernelHasTokens() ? 'this kernel has tokens' : false),
}, (t) => {
  const bpffs = scratchBpffs(t);
  assert.throws(
    () => createToken(bpffs),
    (error: unknown) => {
      assert.ok(error instanceof NotSupportedError);
      assert.equal(
        error.message,
        `Cannot create a BPF token: ${bpffs}: this kernel has no BPF tokens: they need Linux 6.9`,
      );
      assert.deepEqual([error.feature, error.since], ['BPF tokens', '6.9']);
      return true;
    },
  );
});

test('findTokens reports each mount and stops at none', { skip }, (t) => {
  const bpffs = scratchBpffs(t, kernelHasTokens() ? { delegate_cmds: 'map_create' } : {});
  const { tokens, candidates } = findTokens();
  assert.deepEqual(tokens, []);
  const own = candidates.find(({ mount }) => mount === bpffs);
  assert.equal(own?.outcome, kernelHasTokens() ? 'initial_user_namespace' : 'no_kernel_support');
  assert.equal(own?.options, kernelHasTokens() ? 'delegate_cmds=map_create' : '');
});
