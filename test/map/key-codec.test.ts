// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BtfBuilder, BtfTypes, codecOf } from '../../src/btf/index.ts';
import { array, bool, bytes, type Codec, string, struct, u8, u32, u64 } from '../../src/bytes/codec/index.ts';
import { BpfMap, type KeyedMap } from '../../src/map/index.ts';
import { needsMaps } from './needs.ts';

type RawType = 'hash' | 'lpm_trie';

/** A map with raw keys, and the same map with another codec for its keys. */
function twoViews<K>(
  key: Codec<K>,
  keys: readonly (readonly number[])[],
  type: RawType = 'hash',
): { raw: KeyedMap<Uint8Array, number>; map: KeyedMap<K, number>; [Symbol.dispose](): void } {
  const raw = BpfMap.create({ type, key: bytes(key.size), value: u32, maxEntries: 5000, name: 'odd' });
  for (const [i, each] of keys.entries()) raw.set(Uint8Array.from(each), i);
  const map = BpfMap.fromFd(raw.fd.duplicate(), { type, key, value: u32 });
  return {
    raw,
    map,
    [Symbol.dispose]() {
      map.close();
      raw.close();
    },
  };
}

const padded = struct({ a: u8, b: u32 });
const ODD = [1, 0xee, 0xdd, 0xcc, 2, 0, 0, 0];
const EVEN = [1, 0, 0, 0, 2, 0, 0, 0];

test('clear: no entry stays, whatever the bytes of its key', needsMaps(), () => {
  using texts = twoViews(string(4), [
    [10, 0, 0, 1],
    [10, 0, 0, 2],
    [0xff, 0xfe, 0, 0],
  ]);
  texts.map.clear();
  assert.equal(texts.raw.count(), 0);

  using structs = twoViews(padded, [ODD, EVEN]);
  structs.map.clear();
  assert.equal(structs.raw.count(), 0);

  const prefix = struct({ length: u32, address: string(4) });
  const many = Array.from({ length: 300 }, (_, i) => [32, 0, 0, 0, 10, i >> 8, i & 0xff, 200]);
  using trie = twoViews(prefix, many, 'lpm_trie');
  assert.equal(trie.raw.count(), 300);
  trie.map.clear();
  assert.equal(trie.raw.count(), 0);
});

test('clear: more entries than one call deletes', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 20_000 });
  map.setMany(Array.from({ length: 20_000 }, (_, i) => [i, 0n] as const));
  map.clear();
  assert.equal(map.count(), 0);
});

test('a key whose text would be written with other bytes is refused, with its path', needsMaps(), () => {
  const refusal = (text: string) => ({ name: 'RangeError', message: text });
  using nul = twoViews(string(4), [[10, 0, 0, 1]]);
  for (const read of [
    () => [...nul.map.keys()],
    () => [...nul.map],
    () => nul.map.forEach(() => {}),
    () => nul.map.takeAll(),
  ]) {
    assert.throws(
      read,
      refusal(
        'map "odd" (hash): key: writing this key would give other bytes than were read (the key is 0a 00 00 01): read it with the codec bytes(n)',
      ),
    );
  }
  using deep = twoViews(struct({ id: u32, hosts: array(struct({ name: string(2), port: u8 }), 2) }), [
    [1, 0, 0, 0, 65, 0, 1, 0x80, 66, 2, 0, 0],
  ]);
  assert.throws(
    () => [...deep.map.keys()],
    /^RangeError: map "odd" \(hash\): key\.hosts\[1\]\.name: writing this key would give other bytes/,
  );
  // Values are not looked up by their bytes, so they can be read as before.
  assert.equal([...nul.map.values()].length, 1);
});

test('keys of other types than text that would change are refused too', needsMaps(), () => {
  using flag = twoViews(bool, [[2]]);
  assert.throws(
    () => [...flag.map.keys()],
    /^RangeError: map "odd" \(hash\): key: writing this key would give other bytes/,
  );
});

test('takeAll: what cannot be decoded is put back, nothing is lost', needsMaps(), () => {
  const keys = Array.from({ length: 3000 }, (_, i) => [65 + (i % 26), 65 + ((i / 26) % 26), 65 + i / 676, 0]);
  using views = twoViews(string(4), [...keys, [0, 1, 2, 3]]);
  const before = new Map([...views.raw].map(([key, value]) => [String(key), value]));
  assert.throws(() => views.map.takeAll(), { name: 'RangeError' });
  assert.deepEqual(new Map([...views.raw].map(([key, value]) => [String(key), value])), before);
  assert.equal(views.raw.delete(Uint8Array.of(0, 1, 2, 3)), true);
  assert.equal(views.map.takeAll().length, before.size - 1);
  assert.equal(views.raw.count(), 0);
});

test('a key with padding that is not zero leads back to its entry', needsMaps(), () => {
  using views = twoViews(padded, [ODD, EVEN]);
  const keys = [...views.map.keys()];
  assert.deepEqual(keys, [
    { a: 1, b: 2 },
    { a: 1, b: 2 },
  ]);
  const values = keys.map((key) => views.map.get(key));
  assert.deepEqual(values.sort(), [0, 1]);
  for (const key of keys) assert.equal(views.map.set(key, 7, { mode: 'exist' }), true);
  assert.deepEqual(
    [...views.raw].map(([, value]) => value),
    [7, 7],
  );
  for (const key of views.map.keys()) assert.equal(views.map.delete(key), true);
  assert.equal(views.raw.count(), 0);
});

test('a key read from a map and then changed stands for what it says', needsMaps(), () => {
  using views = twoViews(padded, [ODD]);
  const [key] = views.map.keys();
  assert.ok(key !== undefined);
  key.b = 3;
  assert.equal(views.map.get(key), undefined);
  views.map.set(key, 9);
  assert.equal(views.raw.get(Uint8Array.of(1, 0, 0, 0, 3, 0, 0, 0)), 9);
  assert.equal(views.map.get({ a: 1, b: 2 }), undefined, 'an equal object is not the key that was read');
});

test('many keys with odd padding are deleted at once', needsMaps(), () => {
  const keys = Array.from({ length: 5000 }, (_, i) => [1, 0xee, 1, 1, i & 0xff, i >> 8, 0, 0]);
  using views = twoViews(padded, keys);
  assert.equal(views.map.deleteMany(views.map.keys()), 5000);
  assert.equal(views.raw.count(), 0);
});

test('types from BTF: padding, bit fields and text of a key', needsMaps(), () => {
  const builder = new BtfBuilder();
  const int = builder.int('unsigned int', 4);
  const char = builder.int('char', 1, 'char');
  const name = builder.array(char, 4, int);
  const id = builder.struct('key', 12, [
    { name: 'low', type: int, bitOffset: 0, bitSize: 3 },
    { name: 'name', type: name, bitOffset: 64 },
  ]);
  const codec = codecOf(BtfTypes.parse(builder.encode()), id) as Codec<{ low: number; name: string }>;
  using views = twoViews(codec, [[0b11111_101, 0xaa, 0, 0, 1, 1, 1, 1, 65, 66, 0, 0]]);
  const [key] = views.map.keys();
  assert.deepEqual(key, { low: 5, name: 'AB' });
  assert.equal(views.map.delete(key as { low: number; name: string }), true);
  views.raw.set(Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, 65, 0, 67, 0), 1);
  assert.throws(
    () => [...views.map.keys()],
    /^RangeError: map "odd" \(hash\): key\.name: writing this key would give other bytes/,
  );
});

test('a codec of the caller that uses the map again does not disturb the check', needsMaps(), () => {
  let again = 0;
  const nested: Codec<{ n: number }> = {
    name: 'nested',
    size: 8,
    align: 4,
    encode(view, offset, value) {
      view.setUint32(offset, value.n, true);
      if (again > 0) {
        again--;
        assert.equal([...views.map.keys()].length, 1);
      }
      view.setUint32(offset + 4, 0, true);
    },
    decode: (view, offset) => ({ n: view.getUint32(offset, true) }),
  };
  using views = twoViews(nested, [[7, 0, 0, 0, 1, 2, 3, 4]]);
  again = 1;
  const [key] = views.map.keys();
  assert.deepEqual(key, { n: 7 });
  assert.equal(views.map.delete(key as { n: number }), true);
});
