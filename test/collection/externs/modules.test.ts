// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BtfTypes } from '../../../src/btf/index.ts';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { kernelBtf, moduleBtf } from '../../../src/sys/index.ts';
import { compilers, fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const PACKET = { data: new Uint8Array(64) };
const MODULE = 'nf_conntrack';
/** The types of the module. Some kernels have it built in. */
const types = (): BtfTypes | undefined =>
  kernelBtf().byName('bpf_skb_ct_lookup', 'func') === undefined ? moduleBtf().get(MODULE) : kernelBtf();

for (const compiler of compilers) {
  const file = fixture(`module.el.${compiler}.o`);

  test(`${compiler}: functions and types of a module, or of none`, needsLoading(), async () => {
    using collection = await Collection.load(file);
    const { look_up, types: type } = collection.programs;
    assert.equal(look_up?.testRun(PACKET).returnValue, types() === undefined ? 100 : 2);
    const struct = types()?.byName('nf_conntrack_net', 'struct');
    assert.equal(type?.testRun(PACKET).returnValue, struct === undefined ? 0 : 1 | (struct.size << 8));
  });

  for (const name of ['deleted', 'deleted_there']) {
    test(`${compiler}: ${name} is made for a function of a module`, needsLoading(), async (t) => {
      const target = moduleBtf().get(MODULE)?.byName('nf_ct_delete', 'func');
      if (target === undefined) return t.skip(`the kernel has no module ${MODULE} loaded`);
      const spec = CollectionSpec.loadSync(file);
      for (const program of Object.values(spec.programs)) program.autoload = program.name === name;
      using collection = await Collection.load(spec);
      const info = collection.programs[name]?.info();
      assert.equal(info?.attachBtfId, target.id);
      assert.notEqual(info?.attachBtfObjectId, 0);
    });
  }
}
