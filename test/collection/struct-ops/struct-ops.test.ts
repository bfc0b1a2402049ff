// depends on: kernel
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { NotSupportedError } from '../../../src/errors/index.ts';
import { addressOf, kernelBtf, openDescriptors } from '../../../src/sys/index.ts';
import { compilers, fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const AVAILABLE = '/proc/sys/net/ipv4/tcp_available_congestion_control';
const available = (name: string): boolean => readFileSync(AVAILABLE, 'utf8').trim().split(' ').includes(name);

/** Whether this kernel lets programs implement a struct; links came with Linux 6.4. */
function has(struct: string): boolean {
  return kernelBtf().byName(`bpf_struct_ops_${struct}`, 'struct') !== undefined;
}
const hasLinks = (): boolean =>
  kernelBtf().byName('bpf_struct_ops_link', 'struct') !== undefined &&
  readFileSync('/sys/kernel/btf/vmlinux').includes('bpf_struct_ops_link_create');

/** The object with only these struct_ops. Congestion controls get a name of their own: the whole machine sees them. */
function only(compiler: string, ...names: string[]): CollectionSpec {
  const spec = CollectionSpec.loadSync(fixture(`struct-ops.el.${compiler}.o`));
  for (const [key, map] of Object.entries(spec.maps)) {
    if (map.structOps !== undefined && !names.includes(key)) delete spec.maps[key];
    const text = Buffer.from(`ebpf${process.pid}${compiler.slice(-2)}`);
    if (map.structOps?.type === 'tcp_congestion_ops') map.contents?.fill(0, 0, 16).set(text);
  }
  return spec;
}

for (const compiler of compilers) {
  const name = `ebpf${process.pid}${compiler.slice(-2)}`;

  test(`${compiler}: members are put where the kernel has them`, needsLoading(), async (t) => {
    if (!has('bpf_dummy_ops')) return t.skip('the kernel has no bpf_dummy_ops');
    using collection = await Collection.load(only(compiler, 'dummy'));
    const { test_1, test_2, unused } = collection.programs;
    assert.equal(unused, undefined, 'it implements nothing');
    assert.equal(test_1?.testRun({ context: new Uint8Array(8) }).returnValue, 42);
    const state = new Uint32Array([7]);
    const given = new BigUint64Array([BigInt(addressOf(state.buffer)), 1n, 2n, 3n, 4n]);
    const first = new Uint8Array(given.buffer, 0, 8);
    assert.equal(test_1?.testRun({ context: first }).returnValue, 7);
    assert.equal(state[0], 0x5a);
    test_2?.testRun({ context: new Uint8Array(given.buffer) });
    assert.deepEqual(collection.variables.arguments?.get(), [0n, 1n, 2n, 3n, 4n]);
    assert.throws(() => collection.structOps.dummy?.register(), { message: /"dummy" \(struct_ops\): E/ });
  });

  test(`${compiler}: a congestion control is registered until it is closed`, needsLoading(), (t) => {
    if (!has('tcp_congestion_ops')) return t.skip('the kernel has no struct_ops for TCP');
    using collection = Collection.loadSync(only(compiler, 'plain'));
    assert.equal(available(name), false);
    const registration = collection.structOps.plain?.register();
    assert.equal(available(name), true);
    registration?.close();
    registration?.close();
    assert.equal(available(name), false);
  });

  test(`${compiler}: by a link as often as one likes`, needsLoading(), (t) => {
    if (!has('tcp_congestion_ops') || !hasLinks()) return t.skip('the kernel has no links of struct_ops');
    const before = openDescriptors().length;
    {
      using collection = Collection.loadSync(only(compiler, 'linked'));
      assert.deepEqual(collection.maps.linked?.info().flags, ['link']);
      for (let i = 0; i < 2; i++) {
        using registration = collection.structOps.linked?.register();
        assert.equal(registration?.fd?.closed, false);
        assert.equal(available(name), true);
      }
      assert.equal(available(name), false);
    }
    assert.equal(openDescriptors().length, before);
  });
}

test('what the kernel lacks is named', needsLoading(), () => {
  const spec = only('clang19', 'dummy');
  const { dummy } = spec.maps;
  const ops = dummy?.structOps ?? assert.fail();
  Object.assign(dummy ?? {}, { structOps: { ...ops, type: 'no_such_ops' } });
  assert.throws(
    () => Collection.loadSync(spec),
    (error: Error) => {
      assert.ok(error instanceof NotSupportedError);
      assert.equal(error.feature, 'struct_ops no_such_ops');
      return true;
    },
  );
});

test('a member that the kernel does not have may only be zero', needsLoading(), (t) => {
  if (!has('bpf_dummy_ops')) return t.skip('the kernel has no bpf_dummy_ops');
  const spec = only('clang19', 'dummy');
  spec.maps.dummy?.contents?.set([1], 16);
  assert.throws(() => Collection.loadSync(spec), {
    code: 'ERR_BPF_STRUCT_OPS',
    message:
      /map "dummy" \(struct_ops\): member not_in_the_kernel: the kernel's struct bpf_dummy_ops has no such/,
  });
});
