// depends on: kernel
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type MapType, mapTypes } from '../../src/abi/index.ts';
import { BtfBuilder } from '../../src/btf/index.ts';
import { forgetAnswers, haveMapType } from '../../src/features/index.ts';
import { mapProbes } from '../../src/features/map-probes.ts';
import { judgeMap } from '../../src/features/map-types.ts';
import { tryMap } from '../../src/features/trial.ts';
import { needsRoot, withOnly } from './privileges.ts';

after(forgetAnswers);

test('types that every kernel has are there', needsRoot(), () => {
  for (const type of ['hash', 'array', 'percpu_hash', 'lru_hash', 'lpm_trie', 'queue', 'ringbuf'] as const) {
    assert.deepEqual(haveMapType(type), { answer: 'yes' }, type);
    assert.deepEqual(haveMapType(type, { btf: 'off' }), { answer: 'yes' }, type);
  }
});

test('a number that no kernel has is no map type, with the attributes of any type', needsRoot(), () => {
  for (const type of mapTypes.names) {
    const { attr, late } = mapProbes[type];
    // The late error must come after the kernel has looked at the type. Otherwise it would prove nothing.
    assert.deepEqual(judgeMap(tryMap({ ...attr, map_type: 4000 }, 'off'), late), { answer: 'no' }, type);
  }
});

test('EPERM is denied, says why, and is not remembered', needsRoot(), () => {
  forgetAnswers();
  const answer = withOnly([], () => haveMapType('hash', { btf: 'off' }));
  assert.ok(answer.answer === 'denied');
  assert.equal(answer.error.code, 'EPERM');
  assert.match(answer.error.message, /CAP_BPF/);
  assert.deepEqual(haveMapType('hash', { btf: 'off' }), { answer: 'yes' });
});

test('a yes is remembered until answers are forgotten', needsRoot(), () => {
  const unprivileged = (): string => withOnly([], () => haveMapType('hash', { btf: 'off' }).answer);
  forgetAnswers();
  haveMapType('hash', { btf: 'off' });
  assert.equal(unprivileged(), 'yes');
  forgetAnswers();
  assert.equal(unprivileged(), 'denied');
});

/** The BTF of a kernel that knows only this type. */
function kernelWith(type: MapType): Uint8Array {
  const btf = new BtfBuilder();
  btf.enum('bpf_map_type', [{ name: `BPF_MAP_TYPE_${type.toUpperCase()}`, value: mapTypes.number(type) }]);
  return btf.encode();
}

test('BTF that does not know a type is believed', () => {
  assert.deepEqual(haveMapType('array', { btf: kernelWith('hash') }), { answer: 'no' });
});

test('an enumerator alone proves nothing: the kernel is asked', needsRoot(), () => {
  const btf = kernelWith('hash');
  assert.equal(withOnly([], () => haveMapType('hash', { btf })).answer, 'denied');
  assert.deepEqual(haveMapType('hash', { btf }), { answer: 'yes' });
});

test('a function of the implementation proves the type without any privilege', () => {
  const btf = new BtfBuilder();
  btf.func('htab_map_alloc', btf.funcProto(0, []));
  const bytes = btf.encode();
  assert.deepEqual(
    withOnly([], () => haveMapType('hash', { btf: bytes })),
    { answer: 'yes' },
  );
});

test('arguments are checked', () => {
  assert.throws(() => haveMapType('hsah' as MapType), { name: 'TypeError', message: /"hash"/ });
  assert.throws(() => haveMapType('hash', { tokn: 'off' } as object), {
    name: 'TypeError',
    message: /"token"/,
  });
  assert.throws(() => haveMapType('hash', { btf: Uint8Array.of(1, 2, 3) }), { name: 'FormatError' });
  assert.throws(() => haveMapType('hash', { btf: '/nonexistent' }), { code: 'ENOENT' });
});
