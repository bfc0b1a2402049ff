// depends on: older tokens
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  inInitialUserNamespace,
  mountFileSystem,
  type NativeBinding,
  native,
  syscall,
  unmount,
  withBinding,
} from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import {
  findTokens,
  kernelHasTokens,
  mapCreate,
  releaseTokens,
  type TokenCandidate,
} from '../../../src/token/index.ts';
import { withoutCapabilities } from '../capabilities.ts';
import { mapAttr } from '../objects.ts';
import { refused } from '../refused.ts';
import { sharedDirectory } from '../shared-directory.ts';

const MS_BIND = 4096; // include/uapi/linux/mount.h

/** The outcomes for a mount point, beginning with its topmost mount. */
function outcomes(mount: string): string[] {
  const { tokens, candidates } = findTokens();
  for (const token of tokens) token.close();
  return candidates.filter((candidate) => candidate.mount === mount).map(({ outcome }) => outcome);
}

const create = (type: 'hash' | 'array'): void => mapCreate(mapAttr(type)).close();

test('of mounts on one point only the top one counts', async (t) => {
  await runWithToken(
    t,
    'with a delegation',
    { cmds: 'map_create', maps: 'hash' },
    () => {
      assert.deepEqual(
        outcomes('/sys/fs/bpf').filter((outcome) => outcome !== 'covered'),
        ['usable'],
      );
      create('array');
      assert.equal(refused(() => mapCreate(mapAttr('hash'))).reason, 'permission_missing');
    },
    { moreMounts: [{ path: '/sys/fs/bpf', delegation: { cmds: 'map_create', maps: 'array' } }] },
  );
  await runWithToken(
    t,
    'or without',
    { cmds: 'map_create', maps: 'hash' },
    () => {
      assert.deepEqual(outcomes('/sys/fs/bpf').at(-1), 'nothing_delegated');
      const error = refused(() => mapCreate(mapAttr('hash')));
      assert.equal(error.reason, 'no_token');
      assert.match(
        error.message,
        /^Cannot create map \(hash\): EPERM: there is no BPF token: \/sys\/fs\/bpf: nothing is delegated there: mount it with delegate_\* options(;|$)/,
      );
      unmount('/sys/fs/bpf');
      create('hash');
    },
    { capabilities: ['sys_admin'], moreMounts: [{ path: '/sys/fs/bpf', delegation: {} }] },
  );
});

test('mounts that give no token', async (t) => {
  const host = process.getuid?.() === 0 && inInitialUserNamespace();
  const directory = sharedDirectory(t, 'EBPF_TS_TEST_REFUSING', (path) => {
    if (host) unmount(join(path, 'foreign'), { lazy: true });
  });
  const foreign = join(directory, 'foreign');
  const part = join(directory, 'part');
  const refusing = join(directory, 'refusing');
  for (const path of [foreign, part, refusing]) mkdirSync(path, { recursive: true });
  if (host) mountFileSystem('bpf', foreign, kernelHasTokens() === true ? { delegate_cmds: 'any' } : {});
  await runWithToken(
    t,
    'say why, and hinder none that does',
    { cmds: 'map_create', maps: 'hash' },
    () => {
      mkdirSync('/sys/fs/bpf/sub');
      syscall('bind a part', 'mount', '/sys/fs/bpf/sub', part, null, MS_BIND, null);
      chmodSync(refusing, 0);
      let candidates: readonly TokenCandidate[] = [];
      withoutCapabilities(['dac_read_search'], () => {
        const { tokens, candidates: found } = findTokens();
        candidates = found;
        assert.deepEqual(
          tokens.map(({ mount }) => mount),
          ['/sys/fs/bpf'],
        );
        for (const token of tokens) token.close();
      });
      const told = (mount: string): unknown => {
        const found = candidates.find((candidate) => candidate.mount === mount);
        return [found?.outcome, found?.code, found?.explanation];
      };
      assert.deepEqual(told(foreign), [
        'other_user_namespace',
        'EPERM',
        'it belongs to another user namespace: create the bpffs from inside the user namespace of this process; ' +
          'otherwise a security module refuses',
      ]);
      assert.deepEqual(told(part), [
        'part_of_bpffs',
        undefined,
        'only a directory of a bpffs is mounted there: mount its root',
      ]);
      assert.deepEqual(told(refusing), [
        'open_refused',
        'EACCES',
        'EACCES: this process may not open the directory: see its mount options mode, uid and gid',
      ]);
      create('hash');
    },
    { capabilities: ['sys_admin'], moreMounts: [{ path: refusing, delegation: 'any' }] },
  );
  await runWithToken(t, 'are all told of when there is no other', {}, () => {
    const error = refused(() => mapCreate(mapAttr('hash')));
    assert.equal(error.reason, 'no_token');
    assert.ok(error.message.includes('/sys/fs/bpf: nothing is delegated there'), error.message);
    assert.ok(error.message.includes(`${foreign}: it belongs to another user namespace`), error.message);
    assert.ok(error.candidates.some(({ mount, outcome }) => mount === foreign && outcome !== 'usable'));
  });
  await runWithToken(
    t,
    'because of an unexpected errno, which stops nothing',
    { cmds: 'map_create', maps: 'hash' },
    () => {
      let calls = 0;
      const real = native();
      const ENFILE = 23;
      const failing: NativeBinding = {
        ...real,
        bpf: (command, attr, size) =>
          command === 36 && calls++ === 0 ? -ENFILE : real.bpf(command, attr, size),
      };
      withBinding(failing, () => {
        const { tokens, candidates } = findTokens();
        assert.equal(
          candidates.find(({ outcome }) => outcome === 'unexpected')?.explanation,
          'ENFILE: the machine has too many open files: raise fs.file-max',
        );
        assert.deepEqual(
          tokens.map(({ mount }) => mount),
          [refusing],
        );
        for (const token of tokens) token.close();
      });
    },
    { moreMounts: [{ path: refusing, delegation: 'any' }] },
  );
});

test('a bpffs at two places, and at none', async (t) => {
  const directory = sharedDirectory(t, 'EBPF_TS_TEST_TWICE');
  await runWithToken(
    t,
    'with every permission',
    'any',
    async (sub) => {
      await sub.test('gives one token for both', () => {
        syscall('bind the root', 'mount', '/sys/fs/bpf', directory, null, MS_BIND, null);
        assert.deepEqual(outcomes(directory), ['duplicate']);
        assert.equal(outcomes('/sys/fs/bpf').at(-1), 'usable');
        unmount(directory);
      });

      await sub.test('is kept mounted by its token until that is released', () => {
        create('hash');
        assert.throws(() => unmount('/sys/fs/bpf'), { code: 'EBUSY' });
        releaseTokens();
        unmount('/sys/fs/bpf');
      });

      await sub.test('and is missed when it is gone', () => {
        const error = refused(() => mapCreate(mapAttr('hash')));
        assert.equal(error.reason, 'no_token');
        assert.match(error.message, /^Cannot create map \(hash\): EPERM: there is no BPF token: /);
        const visible = error.candidates.filter(({ outcome }) => outcome !== 'covered');
        // The machine itself may have a bpffs mounted somewhere, which is seen here too.
        if (visible.length === 0) {
          assert.match(
            error.message,
            /no bpffs is mounted: mount one with delegate_\* options at \/sys\/fs\/bpf$/,
          );
        }
        assert.ok(!visible.some(({ outcome }) => outcome === 'usable'));
      });
    },
    { capabilities: ['sys_admin'] },
  );
});
