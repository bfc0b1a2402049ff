// depends on: kernel
import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../../src/collection/index.ts';
import { BpfError } from '../../../../src/errors/index.ts';
import { BpfMap, type Reference } from '../../../../src/map/index.ts';
import { openDescriptors } from '../../../../src/sys/index.ts';
import { runWithToken } from '../../../../src/testing/index.ts';
import { compilers, fixture } from '../../fixture.ts';
import { needsLoading } from '../../needs.ts';

const file = fixture('maps.el.clang19.o');

/** The object without the map that is pinned. */
function unpinned(name: string = file): CollectionSpec {
  const spec = CollectionSpec.loadSync(name);
  for (const map of Object.values(spec.maps)) map.pinning = 'none';
  return spec;
}

test(
  'maps of every declaration are created, with the first entries of maps of maps and programs',
  needsLoading(),
  async () => {
    for (const compiler of compilers) {
      using collection = await Collection.load(unpinned(fixture(`maps.el.${compiler}.o`)));
      const { maps, programs } = collection;
      assert.deepEqual(Object.keys(maps).sort(), [
        ...['bloom', 'events', 'first', 'jumps', 'outer', 'second', 'sized', 'typed'],
      ]);
      const jumps = collection.map('jumps', 'prog_array');
      const target = jumps.get(5) as Reference | undefined;
      assert.equal(target?.id, programs.target?.info().id);
      assert.equal(jumps.get(0), undefined);
      using inner = collection.map('outer', 'array_of_maps').get(3) as BpfMap;
      assert.equal(inner.info().id, maps.second?.info().id);
      assert.equal(
        programs.jump?.testRun({ data: new Uint8Array(64) }).returnValue,
        7,
        'the tail call goes to target',
      );
      const typed = collection.map('typed', 'hash');
      typed.set(1, { id: 7, bytes: 8n, name: 'nine' });
      assert.deepEqual(typed.get(1), { id: 7, bytes: 8n, name: 'nine' });
      assert.deepEqual(typed.info().flags, ['no_prealloc']);
      assert.equal(maps.bloom?.info().extra, 3n);
    }
  },
);

test('specs may be edited before they are loaded', needsLoading(), () => {
  const spec = unpinned();
  const typed = spec.maps.typed ?? assert.fail();
  typed.maxEntries = 5;
  typed.name = 'renamed';
  using collection = Collection.loadSync(spec);
  assert.equal(collection.maps.typed?.maxEntries, 5);
  assert.equal(collection.maps.typed?.name, 'renamed');
});

test(
  "a map that exists takes the place of the object's, if programs can use it alike",
  needsLoading(),
  () => {
    const value = { ...four, size: 32 };
    using larger = BpfMap.create({ type: 'hash', key: four, value, maxEntries: 1000 });
    using collection = Collection.loadSync(unpinned(), { maps: { typed: larger } });
    assert.equal(collection.maps.typed, larger);
    collection.close();
    assert.equal(larger.closed, false, "it stays the caller's");
    using other = BpfMap.create({ type: 'lru_hash', key: value, value: four, maxEntries: 1000 });
    const before = openDescriptors().length;
    assert.throws(() => Collection.loadSync(unpinned(), { maps: { typed: other } }), {
      code: 'ERR_BPF_MAP_MISMATCH',
      message: `${file}: Cannot use the map given for map "typed": its type is lru_hash, the object has hash; its key size is 32, the object has 4; its value size is 4, the object has 32`,
    });
    assert.equal(openDescriptors().length, before);
  },
);

test('a map that the kernel refuses is named, and nothing stays open', needsLoading(), async () => {
  const spec = unpinned();
  (spec.maps.events ?? assert.fail()).flags = ['no_prealloc'];
  const before = openDescriptors().length;
  await assert.rejects(Collection.load(spec), (error: Error) => {
    assert.ok(error.message.startsWith(`${file}: Cannot create map "events" (ringbuf): EINVAL`));
    return true;
  });
  assert.equal(openDescriptors().length, before);
});

/** What is pinned in a folder, without the two iterators that kernels with CONFIG_BPF_PRELOAD put there. */
const pins = (folder: string): string[] =>
  readdirSync(folder)
    .filter((name) => !name.endsWith('.debug'))
    .sort();

const PINNED = {
  cmds: 'map_create:prog_load:btf_load',
  maps: 'hash:array:prog_array:array_of_maps:lru_hash:ringbuf:bloom_filter',
  progs: 'socket_filter',
  attachs: 'cgroup_inet_ingress',
};

test('pinning by name', async (t) => {
  await runWithToken(t, 'pins a new map and takes it the next time', PINNED, async () => {
    const key = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
    {
      using first = await Collection.load(file);
      first.map('sized', 'lru_hash').set(key, new Uint8Array(12).fill(3));
      assert.deepEqual(pins('/sys/fs/bpf'), ['sized']);
    }
    using second = await Collection.load(file);
    assert.deepEqual(second.map('sized', 'lru_hash').get(key), new Uint8Array(12).fill(3));
    using elsewhere = await Collection.load(file, { pinPath: '/sys/fs/bpf/other' });
    assert.equal(elsewhere.map('sized', 'lru_hash').get(key), undefined);
    assert.ok(existsSync('/sys/fs/bpf/other/sized'));
  });

  await runWithToken(t, 'refuses a pin of another kind, naming what differs', PINNED, () => {
    using other = BpfMap.create({ type: 'array', key: { ...four }, value: { ...four }, maxEntries: 3 });
    other.pin('/sys/fs/bpf/sized');
    const before = openDescriptors().length;
    assert.throws(
      () => Collection.loadSync(file),
      (error: Error) => {
        assert.ok(BpfError.is(error));
        assert.equal(error.code, 'ERR_BPF_PIN_MISMATCH');
        for (const part of [
          ...['its type is array, the object has lru_hash', 'its key size is 4, the object has 8'],
          ...['its value size is 4, the object has 12', 'its max_entries is 3, the object has 64'],
        ]) {
          assert.ok(error.message.includes(part), error.message);
        }
        return true;
      },
    );
    assert.equal(openDescriptors().length, before);
  });

  await runWithToken(t, 'leaves no pin behind when the load fails', PINNED, () => {
    const spec = CollectionSpec.loadSync(file);
    (spec.programs.jump ?? assert.fail()).type = 'xdp';
    assert.throws(() => Collection.loadSync(spec), { message: /Cannot load program "jump" \(xdp\)/ });
    assert.deepEqual(pins('/sys/fs/bpf'), []);
  });

  await runWithToken(t, 'of everything at once, or of nothing', PINNED, () => {
    using collection = Collection.loadSync(unpinned());
    collection.pin('/sys/fs/bpf/all');
    const names = [
      'bloom',
      'events',
      'first',
      'jump',
      'jumps',
      'outer',
      'second',
      'sized',
      'target',
      'typed',
    ];
    assert.deepEqual(pins('/sys/fs/bpf/all'), names);
    collection.maps.typed?.pin('/sys/fs/bpf/typed');
    assert.throws(() => collection.pin('/sys/fs/bpf'), { code: 'EEXIST' });
    assert.deepEqual(pins('/sys/fs/bpf'), ['all', 'typed']);
  });
});

const four = {
  name: 'four',
  size: 4,
  align: 4,
  encode(): void {},
  decode: (): number => 0,
};
