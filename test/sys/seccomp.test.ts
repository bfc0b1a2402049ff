// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { getCapabilities, hasSeccompFilter, kernelBtf } from '../../src/sys/index.ts';
import { needsOwnProc, runScript } from './script.ts';

function needs(): { skip: string | false } {
  if (getCapabilities().effective === 0n) return { skip: 'creating maps needs capabilities' };
  if (hasSeccompFilter() !== false) return { skip: 'a seccomp filter is in force already' };
  return { skip: false };
}

const REFUSE =
  'the seccomp filter of this process may refuse it (default container profiles do, unless the ' +
  'container has CAP_BPF), or a security module, kernel lockdown or a hardened kernel may';

/**
 * The outcomes of creating a map, loading a program, making a token, and asking for tokens, when bpf(2) is filtered.
 */
function outcomes(errno: number): unknown {
  return runScript(`
    kernelBtf();
    refuse(${errno}, 'bpf');
    print([
      sys.hasSeccompFilter(),
      await outcome(hash),
      await outcome(filter),
      await outcome(() => BpfMap.fromId(1)),
      await outcome(() => Program.fromId(1)),
      await outcome(() => token.createToken('/')),
      token.kernelHasTokens() ?? 'unknown',
    ]);`);
}

const tokens = (): boolean | undefined =>
  kernelBtf()
    .byName('bpf_cmd', 'enum')
    ?.values.some(({ name }) => name === 'BPF_TOKEN_CREATE');
const madeToken = (code: string): string =>
  tokens() === true
    ? `TokenError | ${code} | Cannot create a BPF token: /: ${code}: bpf(2) itself is refused, whatever the mount: ${REFUSE}`
    : 'NotSupportedError | ERR_BPF_NOT_SUPPORTED | Cannot create a BPF token: /: this kernel has no BPF tokens: they need Linux 6.9';

test('a filter that answers EPERM is named where every known condition holds', needs(), () => {
  const [filtered, map, program, mapId, programId, token, support] = outcomes(1) as string[];
  assert.equal(filtered, true);
  const holds = 'this process has the capabilities that this needs, and every other known condition is met';
  assert.equal(map, `TokenError | EPERM | Cannot create map "counters" (hash): EPERM: ${holds}: ${REFUSE}`);
  assert.equal(
    program,
    `TokenError | EPERM | Cannot load program "pass" (socket_filter): EPERM: ${holds}: ${REFUSE}`,
  );
  const byPath = 'a pinned object can be opened by its path';
  assert.equal(
    mapId,
    `BpfError | EPERM | Cannot open map 1: EPERM: this process has CAP_SYS_ADMIN: ${REFUSE}; ${byPath}`,
  );
  assert.equal(
    programId,
    `BpfError | EPERM | Cannot open program 1: EPERM: this process has CAP_SYS_ADMIN: ${REFUSE}; ${byPath}`,
  );
  assert.equal(token, madeToken('EPERM'));
  assert.equal(support, tokens());
});

test('a filter that answers EACCES is named too', needs(), () => {
  const [, map, program, id, , token, support] = outcomes(13) as string[];
  assert.equal(id, `BpfError | EACCES | Cannot open map 1: EACCES: ${REFUSE}`);
  assert.equal(map, `BpfError | EACCES | Cannot create map "counters" (hash): EACCES: ${REFUSE}`);
  assert.equal(program, `BpfError | EACCES | Cannot load program "pass" (socket_filter): EACCES: ${REFUSE}`);
  assert.equal(token, madeToken('EACCES'));
  assert.equal(support, tokens());
});

test('a filter that answers ENOSYS is not taken for an old kernel', needs(), () => {
  const [, map, program, id, , token, support] = outcomes(38) as string[];
  const hidden = 'ENOSYS: the seccomp filter of this process hides bpf(2), or this kernel has no bpf(2)';
  assert.equal(map, `BpfError | ENOSYS | Cannot create map "counters" (hash): ${hidden}`);
  assert.equal(program, `BpfError | ENOSYS | Cannot load program "pass" (socket_filter): ${hidden}`);
  assert.equal(id, `BpfError | ENOSYS | Cannot open map 1: ${hidden}`);
  assert.equal(token, madeToken('ENOSYS'));
  assert.equal(support, tokens());
});

test('a file system that a filter keeps from being opened', needs(), () => {
  const [spawned] = runScript(`
    refuse(1, 'fsopen');
    const { spawnWithToken } = await layer('testing');
    const child = spawnWithToken('true', [], { delegation: { cmds: 'map_create' } });
    const error = await new Promise((resolve) => child.once('error', resolve).once('close', () => resolve()));
    print([error === undefined ? 'ok' : [error.name, error.code, error.message].join(' | ')]);`) as [string];
  assert.equal(
    spawned,
    tokens() === true
      ? `TokenError | EPERM | Cannot open a bpf file system: EPERM: ${REFUSE}`
      : 'NotSupportedError | ERR_BPF_NOT_SUPPORTED | Cannot delegate BPF: this kernel has no BPF tokens: they need Linux 6.9',
  );
});

test('without /proc the kernel is asked', { skip: needsOwnProc || needs().skip }, async () => {
  const [before, after] = runScript(
    `
  
    const before = sys.hasSeccompFilter();
    refuse(1, 'bpf');
    print([before, sys.hasSeccompFilter()]);`,
    { before: ['unshare', '-m', 'sh', '-c', 'mount -t tmpfs none /proc; exec "$@"', 'sh'] },
  ) as boolean[];
  assert.deepEqual([before, after], [false, true]);
});
