// depends on: older tokens
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { exit, mov, r0 } from '../../../src/asm/index.ts';
import { BtfBuilder } from '../../../src/btf/index.ts';
import { Btf } from '../../../src/btf-object/index.ts';
import { u32 } from '../../../src/bytes/codec/index.ts';
import { BpfError, type TokenError } from '../../../src/errors/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { Program } from '../../../src/program/index.ts';
import { type Fd, mountFileSystem, unmount } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import {
  createToken,
  kernelHasTokens,
  mapCreate,
  releaseTokens,
  type TokenOption,
} from '../../../src/token/index.ts';
import { needsRoot } from '../../needs.ts';
import { mapAttr } from '../objects.ts';
import { refused } from '../refused.ts';
import { sharedDirectory } from '../shared-directory.ts';

const VARIABLE = 'LIBBPF_BPF_TOKEN_PATH';

const directory = (t: TestContext): string => sharedDirectory(t, 'EBPF_TS_TEST_PATH_VARIABLE');

/** Runs `body` with the variable set. The library reads it when it looks for tokens. */
function withVariable(value: string, body: () => void): void {
  process.env[VARIABLE] = value;
  releaseTokens();
  try {
    body();
  } finally {
    delete process.env[VARIABLE];
    releaseTokens();
  }
}

const map = (type: 'hash' | 'array', token?: TokenOption): Fd => mapCreate(mapAttr(type), token);
const create = (type: 'hash' | 'array', token?: TokenOption): void => map(type, token).close();
const refusal = (type: 'hash' | 'array', token?: TokenOption): TokenError => refused(() => map(type, token));

test('LIBBPF_BPF_TOKEN_PATH', async (t) => {
  const other = join(directory(t), 'other bpffs');
  mkdirSync(other, { recursive: true });
  const hash = { cmds: 'map_create', maps: 'hash' };
  const moreMounts = [{ path: other, delegation: { cmds: 'map_create', maps: 'array' } }];

  await runWithToken(
    t,
    'names the only mount that counts',
    hash,
    () => {
      withVariable(other, () => {
        create('array');
        const error = refusal('hash');
        assert.equal(error.reason, 'permission_missing');
        assert.equal(error.mount, other);
        assert.equal(refusal('array', 'off').reason, 'no_token');
        using token = createToken('/sys/fs/bpf');
        create('hash', token);
      });
      create('hash');
    },
    { moreMounts },
  );

  await runWithToken(
    t,
    'makes that mount mandatory, or turns tokens off',
    'any',
    () => {
      const missing = '/no/such/mount';
      withVariable(missing, () => {
        const error = refusal('hash');
        assert.equal(
          error.message,
          'Cannot create map (hash) without the token that LIBBPF_BPF_TOKEN_PATH asks for: ' +
            '/no/such/mount: there is no such directory',
        );
        assert.deepEqual([error.reason, error.code, error.mount], ['no_token', 'ENOENT', missing]);
      });
      withVariable('/', () => {
        assert.match(
          refusal('hash').message,
          /: \/: it is not the root of a bpffs: name the mount point itself$/,
        );
      });
      withVariable('', () => {
        const error = refusal('hash');
        assert.equal(
          error.message,
          'Cannot create map (hash): EPERM: tokens are turned off: unset LIBBPF_BPF_TOKEN_PATH, which is empty',
        );
        assert.equal(error.reason, 'no_token');
        using token = createToken();
        create('hash', token);
      });
      mountFileSystem('tmpfs', '/sys/fs/bpf');
      withVariable('/sys/fs/bpf', () => {
        assert.equal(refusal('hash').candidates[0]?.outcome, 'not_bpffs');
        unmount('/sys/fs/bpf');
        create('hash'); // the mounts have changed
      });
    },
    { capabilities: ['sys_admin'] },
  );
});

const { skip } = needsRoot();
test('in the initial user namespace too a mandatory mount must give a token', { skip }, (t) => {
  const plain = directory(t);
  withVariable(plain, () => {
    assert.throws(() => create('hash'), {
      name: kernelHasTokens() === true ? 'TokenError' : 'NotSupportedError',
      message:
        kernelHasTokens() === true
          ? /asks for: .*: it is not the root of a bpffs: name the mount point itself$/
          : /asks for: .*: this kernel has no BPF tokens: they need Linux 6\.9$/,
    });
    create('hash', 'off');
  });
  withVariable('', () => create('hash'));
  create('hash');
});

test('and what is made of other errnos says so whatever is created', { skip }, async (t) => {
  const folders = [directory(t), '/no/such/mount'];
  const make = {
    map: () => BpfMap.create({ type: 'hash', key: u32, value: u32, maxEntries: 1 }),
    program: () => Program.loadSync({ type: 'socket_filter', instructions: [mov(r0, 0), exit()] }),
    'BTF by id': () => Btf.fromId(1),
    btf: () => {
      const types = new BtfBuilder();
      types.int('unsigned int', 4);
      return Btf.load(types);
    },
  };
  for (const folder of folders) {
    for (const [what, run] of Object.entries(make)) {
      withVariable(folder, () => {
        assert.throws(
          run,
          (error) => {
            assert.ok(BpfError.is(error));
            const [, action] =
              /^Cannot (create map \(hash\)|load program \(socket_filter\)|load BTF|open BTF by id 1) /.exec(
                error.message,
              ) ?? [];
            assert.ok(action !== undefined, error.message);
            assert.match(
              error.message,
              /^Cannot [^:]* without the token that LIBBPF_BPF_TOKEN_PATH asks for: /,
            );
            assert.match(
              error.message,
              /: (it is not the root of a bpffs: name the mount point itself|there is no such directory|this kernel has no BPF tokens: they need Linux 6\.9)$/,
            );
            return true;
          },
          `${what} without ${folder}`,
        );
      });
    }
  }
});
