// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../../src/collection/index.ts';
import { haveAttachType } from '../../../../src/features/index.ts';
import { fixture } from '../../fixture.ts';
import { needsLoading } from '../../needs.ts';

test(
  'programs for USDT are loaded for links to several places, if the kernel has them',
  needsLoading(),
  () => {
    const spec = CollectionSpec.loadSync(fixture('usdt.el.clang19.o'));
    for (const program of Object.values(spec.programs)) {
      assert.equal(program.attachType, undefined, 'the spec is the same for every kernel');
      program.autoload = true;
    }
    const expected = haveAttachType('trace_uprobe_multi').answer === 'yes' ? 'trace_uprobe_multi' : undefined;
    using collection = Collection.loadSync(spec);
    const { plain, sleepy, named } = collection.programs;
    assert.deepEqual(
      [plain?.attachType, sleepy?.attachType, named?.attachType],
      [expected, expected, expected],
    );
    assert.deepEqual([plain?.section, sleepy?.section], ['usdt', 'usdt.s']);
    assert.equal(named?.attachTo, './target:test:pair');
  },
);

test('an attach type that was chosen stays', needsLoading(), () => {
  const spec = CollectionSpec.loadSync(fixture('usdt.el.clang19.o'));
  const { plain } = spec.programs;
  assert.ok(plain !== undefined);
  plain.attachType = 'trace_kprobe_multi';
  for (const program of Object.values(spec.programs)) program.autoload = program === plain;
  if (haveAttachType('trace_kprobe_multi').answer !== 'yes') return;
  using collection = Collection.loadSync(spec);
  assert.equal(collection.programs.plain?.attachType, 'trace_kprobe_multi');
});
