// depends on: older tokens
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../../src/abi/index.ts';
import {
  type NativeBinding,
  native,
  readMountinfo,
  trySyscall,
  withBinding,
} from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { discover } from '../../../src/token/discovery/scan.ts';
import { createToken, Delegation, mapCreate, releaseTokens } from '../../../src/token/index.ts';
import { withoutCapabilities } from '../capabilities.ts';
import { mapAttr } from '../objects.ts';
import { refused } from '../refused.ts';

const F_GETFD = 1; // include/uapi/linux/fcntl.h
const FD_CLOEXEC = 1;

const create = (type: 'hash'): void => mapCreate(mapAttr(type)).close();

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
        assert.equal(refused(() => mapCreate(mapAttr('hash'))).reason, 'no_cap_bpf');
      });
      create('hash');
    });
  });
});
