// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands } from '../../../src/abi/index.ts';
import { Collection, CollectionSpec } from '../../../src/collection/index.ts';
import { loadStages } from '../../../src/collection/load/stages.ts';
import { type NativeBinding, native, openDescriptors, withBinding } from '../../../src/sys/index.ts';
import { fixture } from '../fixture.ts';
import { needsLoading } from '../needs.ts';

const spec = (): CollectionSpec => CollectionSpec.loadSync(fixture('variables.el.clang19.o'));

test('stages follow each other: types, maps and their values, programs, what is left', needsLoading(), () => {
  Collection.loadSync(spec()).close();
  const binding = native();
  const seen: (string | undefined)[] = [];
  const recording: NativeBinding = {
    ...binding,
    bpf: (command, ...rest) => {
      const name = commands.name(command);
      if (seen.at(-1) !== name) seen.push(name);
      return binding.bpf(command, ...rest);
    },
  };
  using _ = withBinding(recording, () => Collection.loadSync(spec()));
  const first = (name: string): number => seen.indexOf(name);
  const [types, maps, programs] = [first('btf_load'), first('map_create'), first('prog_load')];
  assert.ok(types >= 0 && types < maps && maps < programs, seen.join(' '));
  assert.ok(seen.lastIndexOf('map_create') < programs, seen.join(' '));
  assert.ok(seen.lastIndexOf('prog_load') < first('prog_bind_map'), seen.join(' '));
});

test('the programs go out once, and when one comes back refused nothing stays open', needsLoading(), () => {
  const before = openDescriptors().length;
  const stages = loadStages(spec(), {});
  const step = stages.next();
  assert.ok(step.done === false);
  assert.deepEqual(
    step.value.map(({ name }) => name),
    ['main_program', 'looping'],
  );
  assert.ok(openDescriptors().length > before);
  const reason = new Error('refused');
  assert.throws(() => stages.next([{ status: 'rejected', reason }]), reason);
  assert.equal(openDescriptors().length, before);
});
