// depends on: older tokens
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BpfError, TokenError } from '../../../src/errors/index.ts';
import { capabilityMask, lockedMemoryLimit, startHelper } from '../../../src/sys/index.ts';
import { runWithToken } from '../../../src/testing/index.ts';
import { kernelHasTokens, mapCreate } from '../../../src/token/index.ts';
import { needsRoot } from '../../needs.ts';
import { mapAttr } from '../objects.ts';

const { skip } = needsRoot();

test('a wrong errno is not explained away', { skip }, () => {
  assert.throws(
    () => mapCreate({ ...mapAttr('hash'), key_size: 0, map_name: 'bad' }),
    (error: unknown) => {
      assert.ok(error instanceof BpfError && !(error instanceof TokenError));
      assert.equal(error.message, 'Cannot create map "bad" (hash): EINVAL');
      assert.deepEqual(
        [error.code, error.errno, error.syscall, error.command],
        ['EINVAL', 22, 'bpf', 'map_create'],
      );
      return true;
    },
  );
});

test('kernels that do not count locked memory are not said to', { skip }, () => {
  // Linux 5.11 stopped counting, and the tests run on newer kernels only.
  assert.equal(lockedMemoryLimit(), undefined);
});

const cli = fileURLToPath(new URL('../../../src/cli/main.js', import.meta.url));

interface Status {
  readonly mounts: readonly { readonly mount: string; readonly outcome: string }[];
  readonly mapCreate: { readonly reason: string; readonly message: string };
  readonly capabilities: { readonly effective: readonly string[] };
}

/** Runs `token status` in a new user namespace, with CAP_BPF and without a bpffs of its own. */
async function statusInNewNamespace(): Promise<Status> {
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
  const ended = once(child, 'close') as Promise<[number]>;
  const [output, [status]] = await Promise.all([text(child.stdout), ended]);
  assert.deepEqual(failures, []);
  assert.equal(status, 1, 'no token could be made');
  const report = JSON.parse(output) as Status;
  assert.deepEqual(report.capabilities.effective, ['dac_read_search', 'bpf']);
  return report;
}

test('CAP_BPF in a user namespace without a bpffs of its own is not enough', { skip }, async () => {
  const { mapCreate } = await statusInNewNamespace();
  if (kernelHasTokens() === true) {
    assert.equal(mapCreate.reason, 'no_token');
  } else {
    assert.equal(mapCreate.reason, 'no_kernel_support');
    assert.equal(
      mapCreate.message,
      'Cannot create map (hash): EPERM: this kernel has no BPF tokens: ' +
        'a process in a user namespace needs Linux 6.9 for this',
    );
  }
});

test('a namespace inside the one that holds the token cannot use it', async (t) => {
  await runWithToken(
    t,
    'and is told so',
    'any',
    async () => {
      const { mounts, mapCreate } = await statusInNewNamespace();
      const upper = mounts.find(({ mount, outcome }) => mount === '/sys/fs/bpf' && outcome !== 'covered');
      assert.equal(upper?.outcome, 'other_user_namespace');
      assert.equal(mapCreate.reason, 'no_token');
      assert.ok(
        mapCreate.message.includes(
          '/sys/fs/bpf: it belongs to another user namespace: create the bpffs from inside the user namespace',
        ),
        mapCreate.message,
      );
    },
    { capabilities: ['sys_admin', 'setuid', 'setgid', 'setpcap', 'setfcap'] },
  );
});
