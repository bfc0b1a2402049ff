import { test } from 'node:test';
import { BpfMap, u32 } from 'ebpf-ts';
import { type Answer, haveMapType } from 'ebpf-ts/features';
import {
  type DelegatedMount,
  type RunWithTokenOptions,
  runWithEachPermissionRemoved,
  runWithToken,
  skipUnlessSupported,
  spawnWithToken,
  withCapabilities,
} from 'ebpf-ts/testing';
import { Delegation, type DelegationInit, findTokens, type Token } from 'ebpf-ts/token';

const delegation: DelegationInit = { cmds: ['map_create'], maps: ['hash', 'array'] };
const options: RunWithTokenOptions = { capabilities: ['net_admin'], timeout: undefined, isolate: true };
const create = (): void => BpfMap.create({ type: 'hash', key: u32, value: u32, maxEntries: 1 }).close();

test.skip('bodies may return anything', async (t) => {
  await runWithToken(t, 'a body', delegation, create, options);
  await runWithToken(t, 'one that waits', Delegation.from(delegation), async () => create());
  await runWithEachPermissionRemoved(t, 'each permission', delegation, create);
  // @ts-expect-error: no such permission
  await runWithToken(t, 'a typo', { commands: ['map_create'] }, create);
  // @ts-expect-error: no such capability
  await runWithToken(t, 'a typo', delegation, create, { capabilities: ['net_admn'] });

  const answer: Answer = haveMapType('arena');
  if (!skipUnlessSupported(t, answer, { feature: 'map type arena', since: '6.9' })) return;
  const mount: DelegatedMount = { path: '/mnt', delegation };
  const child = await spawnWithToken('true', [], { delegation, moreMounts: [mount] });
  child.once('exit', (code: number | null) => t.diagnostic(`${code}`));
  const seven: number = withCapabilities(['bpf'], () => 7);
  const eight: Promise<number> = withCapabilities(['bpf'], async () => seven + 1);
  await eight;
});

export function ambient(token: Token): void {
  for (const value of ['ambient', 'off', token] as const) {
    BpfMap.create({ type: 'hash', key: u32, value: u32, maxEntries: 1, token: value });
  }
  // @ts-expect-error: no such choice
  BpfMap.create({ type: 'hash', key: u32, value: u32, maxEntries: 1, token: 'on' });
  findTokens();
}
