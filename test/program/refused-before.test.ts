// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runScript, shell } from '../sys/script.ts';
import { needsLoading } from './needs.ts';

const FULL = 'EMFILE: this process has too many open descriptors: raise its limit (ulimit -n)';

test('a load that finds no free descriptor is not a refusal of the verifier', needsLoading(), () => {
  const outcomes = runScript(
    `
    const { openSync } = await import('node:fs');
    const { Btf } = await layer('btf-object');
    const { BtfBuilder } = await layer('btf');
    const types = new BtfBuilder();
    types.int('unsigned int', 4);
    const logged = () => Program.loadSync({ type: 'socket_filter', logLevel: 2, instructions: [mov(r0, 0), exit()] });
    const load = () => Program.load({ type: 'socket_filter', instructions: [mov(r0, 0), exit()] });
    for (const first of [hash, filter, () => Btf.load(types)]) first().close();
    try { for (;;) openSync('/dev/null'); } catch {}
    print([await outcome(filter), await outcome(logged), await outcome(load), await outcome(hash), await outcome(() => Btf.load(types))]);`,
    { before: shell('ulimit -n 256; exec "$@"') },
  );
  assert.deepEqual(outcomes, [
    `BpfError | EMFILE | Cannot load program "pass" (socket_filter): ${FULL}`,
    `BpfError | EMFILE | Cannot load program (socket_filter): ${FULL}`,
    `BpfError | EMFILE | Cannot load program (socket_filter): ${FULL}`,
    `BpfError | EMFILE | Cannot create map "counters" (hash): ${FULL}`,
    `BpfError | EMFILE | Cannot load BTF: ${FULL}`,
  ]);
});

test('a program that is too long is told so', needsLoading(), () => {
  const [long] = runScript(`
    print([await outcome(() => Program.loadSync({ type: 'xdp', instructions: new Uint8Array(8 * 1_000_001) }))]);
  `) as [string];
  assert.equal(
    long,
    'BpfError | E2BIG | Cannot load program (xdp): E2BIG: it has 1000001 instructions, but the kernel allows at most 1000000',
  );
});

test('a refusal of which the log says nothing is explained', needsLoading(), (t) => {
  const [outcome] = runScript(`
    const attachBtfId = kernelBtf().byName('bpf_iter_bpf_map_elem', 'func').id;
    const iterator = { type: 'tracing', attachType: 'trace_iter', attachBtfId, license: 'GPL' };
    print([await outcome(() => Program.loadSync({ ...iterator, instructions: [mov(r0, 0), exit()] }))]);
  `) as [string];
  if (outcome === 'ok') return t.skip('this kernel lets root trace functions');
  assert.match(
    outcome,
    /\| EPERM \| Cannot load program \(tracing\): EPERM: this process has the capabilities that this needs, and every/,
  );
});
