// depends on: older tokens
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { mountFileSystem, unmount } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import {
  findTokens,
  mapCreate,
  progLoad,
  releaseTokens,
  type TokenOption,
} from '../../../src/token/index.ts';
import { needsRoot } from '../../needs.ts';
import { mapAttr, programAttr } from '../objects.ts';
import { recordCalls } from '../recording.ts';
import { refused } from '../refused.ts';
import { sharedDirectory } from '../shared-directory.ts';

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
      const calls = recordCalls(() => {
        create('array');
        create('hash');
      });
      assert.deepEqual(calls, ['bpf:map_create', 'close', 'bpf:map_create', 'close'], 'all tokens are kept');
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
      const error = refused(() => mapCreate(mapAttr('stack_trace')));
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

test('a mount that appears is found after the refusal it causes', async (t) => {
  await runWithToken(
    t,
    'once',
    { cmds: 'map_create', maps: 'array' },
    () => {
      mountFileSystem('tmpfs', '/sys/fs/bpf');
      assert.equal(refused(() => mapCreate(mapAttr('array'))).reason, 'no_token');
      const again = recordCalls(() => {
        assert.equal(refused(() => mapCreate(mapAttr('array'))).reason, 'no_token');
      });
      assert.ok(!again.includes('bpf:token_create'), 'the same mounts are not scanned again');
      unmount('/sys/fs/bpf');
      create('array');
      assert.equal(refused(() => mapCreate(mapAttr('hash'))).reason, 'permission_missing');
    },
    { capabilities: ['sys_admin'] },
  );
});

const { skip } = needsRoot();

test('with real capabilities nothing is scanned, and nothing but the call itself is made', { skip }, () => {
  releaseTokens();
  const calls = recordCalls(() => {
    mapCreate(mapAttr('hash')).close();
    mapCreate(mapAttr('array')).close();
    progLoad(programAttr('xdp')).close();
  });
  assert.deepEqual(calls, ['bpf:map_create', 'close', 'bpf:map_create', 'close', 'bpf:prog_load', 'close']);
});

test('tokens turned off make no difference to real capabilities', { skip }, () => {
  mapCreate(mapAttr('hash'), 'off').close();
});

test('what is no token option is a TypeError', { skip }, () => {
  for (const option of ['on', '', null, 3, {}]) {
    assert.throws(() => mapCreate(mapAttr('hash'), option as unknown as TokenOption), {
      name: 'TypeError',
      message: /is neither "ambient", "off" nor a Token$/,
    });
  }
});
