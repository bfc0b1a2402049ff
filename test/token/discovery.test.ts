// depends on: older tokens
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { commands } from '../../src/abi/index.ts';
import { BpfError, type TokenError } from '../../src/errors/index.ts';
import {
  inInitialUserNamespace,
  mountFileSystem,
  type NativeBinding,
  native,
  readMountinfo,
  syscall,
  trySyscall,
  unmount,
  withBinding,
} from '../../src/sys/index.ts';
import { runWithToken } from '../../src/testing/index.ts';
import { discover } from '../../src/token/discovery.ts';
import {
  createToken,
  Delegation,
  findTokens,
  kernelHasTokens,
  mapCreate,
  releaseTokens,
  type TokenCandidate,
} from '../../src/token/index.ts';
import { withoutCapabilities } from './capabilities.ts';
import { mapAttr } from './objects.ts';
import { recordCalls } from './recording.ts';

const MS_BIND = 4096; // include/uapi/linux/mount.h
const F_GETFD = 1;
const FD_CLOEXEC = 1;

/**
 * A directory that a test's process under a token finds too: it is started anew, and runs this again.
 * Only the first process removes it, after `before`.
 */
function sharedDirectory(
  t: TestContext,
  variable: string,
  before: (path: string) => void = () => {},
): string {
  const inherited = process.env[variable];
  if (inherited !== undefined) return inherited;
  const path = mkdtempSync(join(tmpdir(), 'ebpf-ts-mounts-'));
  process.env[variable] = path;
  t.after(() => {
    delete process.env[variable];
    before(path);
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}

/** What came of a mount point, the uppermost mount of it first. */
function outcomes(mount: string): string[] {
  const { tokens, candidates } = findTokens();
  for (const token of tokens) token.close();
  return candidates.filter((candidate) => candidate.mount === mount).map(({ outcome }) => outcome);
}

function refusal(call: () => { close(): void }): TokenError {
  try {
    call().close();
  } catch (error) {
    assert.ok(BpfError.is(error) && error.name === 'TokenError', String(error));
    return error as TokenError;
  }
  throw new assert.AssertionError({ message: 'the call was not refused' });
}

const create = (type: 'hash' | 'array' | 'queue'): void => mapCreate(mapAttr(type)).close();

test('each call takes the first token that permits it', async (t) => {
  const directory = sharedDirectory(t, 'EBPF_TS_TEST_SEVERAL');
  const odd = join(directory, 'a b\n\\040 é');
  const nonUtf8 = join(directory, 'second');
  mkdirSync(odd, { recursive: true });
  mkdirSync(nonUtf8, { recursive: true });
  await runWithToken(
    t,
    'of several',
    { cmds: 'map_create', maps: 'hash' },
    () => {
      create('hash');
      create('array');
      create('queue');
      const { tokens } = findTokens();
      assert.deepEqual(
        tokens.map(({ mount, delegation }) => [mount, String(delegation)]),
        [
          ['/sys/fs/bpf', 'delegate_cmds=map_create,delegate_maps=hash'],
          [odd, 'delegate_cmds=map_create,delegate_maps=array'],
          [nonUtf8, 'delegate_cmds=any,delegate_maps=hash:queue'],
        ],
      );
      for (const token of tokens) token.close();
      const error = refusal(() => mapCreate(mapAttr('stack_trace')));
      assert.equal(
        error.message,
        'Cannot create map (stack_trace): EPERM: none of 3 tokens permits it: mount at /sys/fs/bpf: ' +
          'add stack_trace to delegate_maps (now hash)',
      );
    },
    {
      moreMounts: [
        { path: odd, delegation: { cmds: 'map_create', maps: 'array' } },
        { path: nonUtf8, delegation: { cmds: 'any', maps: 'hash,queue' } },
      ],
    },
  );
});

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
      assert.equal(refusal(() => mapCreate(mapAttr('hash'))).reason, 'permission_missing');
    },
    { moreMounts: [{ path: '/sys/fs/bpf', delegation: { cmds: 'map_create', maps: 'array' } }] },
  );
  await runWithToken(
    t,
    'or without',
    { cmds: 'map_create', maps: 'hash' },
    () => {
      assert.deepEqual(outcomes('/sys/fs/bpf').at(-1), 'nothing_delegated');
      const error = refusal(() => mapCreate(mapAttr('hash')));
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

test('a mount that appears is found after the refusal it causes', async (t) => {
  await runWithToken(
    t,
    'once',
    { cmds: 'map_create', maps: 'array' },
    () => {
      mountFileSystem('tmpfs', '/sys/fs/bpf');
      assert.equal(refusal(() => mapCreate(mapAttr('array'))).reason, 'no_token');
      const again = recordCalls(() => {
        assert.equal(refusal(() => mapCreate(mapAttr('array'))).reason, 'no_token');
      });
      assert.ok(!again.includes('bpf:token_create'), 'the same mounts are not scanned again');
      unmount('/sys/fs/bpf');
      create('array');
      assert.equal(refusal(() => mapCreate(mapAttr('hash'))).reason, 'permission_missing');
    },
    { capabilities: ['sys_admin'] },
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
          'else a security module refuses',
      ]);
      assert.deepEqual(told(part), [
        'part_of_bpffs',
        undefined,
        'only a directory of a bpffs is mounted there: mount its root',
      ]);
      assert.deepEqual(told(refusing), [
        'open_refused',
        'EACCES',
        'EACCES: the directory may not be opened: see its mount options mode, uid and gid',
      ]);
      create('hash');
    },
    { capabilities: ['sys_admin'], moreMounts: [{ path: refusing, delegation: 'any' }] },
  );
  await runWithToken(t, 'are all told of when there is no other', {}, () => {
    const error = refusal(() => mapCreate(mapAttr('hash')));
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
        const error = refusal(() => mapCreate(mapAttr('hash')));
        assert.equal(error.reason, 'no_token');
        assert.match(error.message, /^Cannot create map \(hash\): EPERM: there is no BPF token: /);
        const visible = error.candidates.filter(({ outcome }) => outcome !== 'covered');
        // The machine itself may have bpffs mounted somewhere, which shows here too.
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

test('what a token shows, and how it is found', async (t) => {
  const delegation = { cmds: 1n | (1n << 63n), maps: 'hash' };
  await runWithToken(t, 'with a bit newer than the library', delegation, async (sub) => {
    await sub.test('which is shown by its number', () => {
      using token = createToken();
      assert.deepEqual(token.delegation.names('cmds'), ['map_create', 'unknown bit 63']);
      create('hash');
    });

    await sub.test('with and without the info command', () => {
      const real = native();
      const EINVAL = 22;
      const info = commands.number('obj_get_info_by_fd');
      const withoutInfo: NativeBinding = {
        ...real,
        bpf: (command, attr, size) => (command === info ? -EINVAL : real.bpf(command, attr, size)),
      };
      withBinding(withoutInfo, () => {
        using token = createToken();
        assert.equal(token.source, 'fdinfo');
        assert.ok(token.delegation.equals(Delegation.from(delegation)), String(token.delegation));
      });
    });

    await sub.test('and is closed on exec', () => {
      using token = createToken();
      assert.equal(trySyscall('fcntl', token.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    });

    await sub.test('also when mountinfo cannot be read, in part or at all', () => {
      const texts = [
        undefined,
        Buffer.from('garbage\n'),
        Buffer.concat([Buffer.from('1 2 broken\n'), readMountinfo()]),
      ];
      for (const text of texts) {
        const { tokens, malformed } = discover(text);
        assert.deepEqual(
          tokens.map(({ mount }) => mount),
          ['/sys/fs/bpf'],
        );
        assert.equal(malformed.length, text === undefined ? 0 : 1);
        for (const token of tokens) token.close();
      }
    });

    await sub.test('and when CAP_BPF is gained later', () => {
      releaseTokens();
      withoutCapabilities(['bpf'], () => {
        assert.equal(refusal(() => mapCreate(mapAttr('hash'))).reason, 'no_cap_bpf');
      });
      create('hash');
    });
  });
});
