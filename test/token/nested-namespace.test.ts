import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { capabilityMask, startHelper } from '../../src/sys/index.ts';
import { runWithToken } from '../../src/testing/index.ts';

const cli = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url));

test('a namespace inside the one that holds the token cannot use it', async (t) => {
  await runWithToken(
    t,
    'and is told so',
    'any',
    async () => {
      const failures: string[] = [];
      const child = startHelper(
        [process.execPath, cli, 'token', 'status', '--json'],
        {
          mounts: [],
          keep: capabilityMask(['bpf', 'dac_read_search']),
          uidMap: '0 0 1',
          gidMap: '0 0 1',
          denySetgroups: true,
        },
        { stdio: ['ignore', 'pipe', 'inherit'] },
        { mounted: () => true, failed: ({ stage, errno }) => failures.push(`${stage}: errno ${errno}`) },
      );
      assert.ok(child.stdout !== null);
      const [output, [status]] = await Promise.all([
        text(child.stdout),
        once(child, 'close') as Promise<[number]>,
      ]);
      assert.deepEqual(failures, []);
      assert.equal(status, 1);
      const report = JSON.parse(output) as {
        mounts: { mount: string; outcome: string }[];
        mapCreate: { reason: string; message: string };
        capabilities: { effective: string[] };
      };
      assert.deepEqual(report.capabilities.effective, ['dac_read_search', 'bpf']);
      const upper = report.mounts.find(
        ({ mount, outcome }) => mount === '/sys/fs/bpf' && outcome !== 'covered',
      );
      assert.equal(upper?.outcome, 'other_user_namespace');
      assert.equal(report.mapCreate.reason, 'no_token');
      assert.match(
        report.mapCreate.message,
        /\/sys\/fs\/bpf: it belongs to another user namespace: create the bpffs from inside the user namespace of this process/,
      );
    },
    { capabilities: ['sys_admin', 'setuid', 'setgid', 'setpcap', 'setfcap'] },
  );
});
