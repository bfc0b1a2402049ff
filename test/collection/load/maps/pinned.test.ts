// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MapFlag } from '../../../../src/abi/index.ts';
import { Collection, CollectionSpec, type MapSpec } from '../../../../src/collection/index.ts';
import { BpfError } from '../../../../src/errors/index.ts';
import { kernelLacksMapType } from '../../../../src/map/kernel-types.ts';
import { possibleCpus } from '../../../../src/sys/index.ts';
import { runWithToken } from '../../../../src/testing/index.ts';
import { fixture } from '../../fixture.ts';

const ALL = { cmds: 'any', maps: 'any', progs: 'any', attachs: 'any' };

/** An object with only this map, pinned by name. */
function withMap(name: string, change: Partial<MapSpec>): CollectionSpec {
  const spec = CollectionSpec.loadSync(fixture('tiny.el.clang19.o'));
  for (const program of Object.values(spec.programs)) program.autoload = false;
  const { counter = assert.fail() } = spec.maps;
  delete spec.maps.counter;
  spec.maps[name] = {
    ...counter,
    ...{ name, pinning: 'by_name', keyTypeId: 0, valueTypeId: 0, keySize: 4, valueSize: 8, maxEntries: 7 },
    ...change,
  };
  return spec;
}

/** Each with no flags, or with one or two. */
const rows: readonly (readonly [type: MapSpec['type'], ...flags: MapFlag[]])[] = [
  ['hash'],
  ...(['rdonly', 'wronly', 'rdonly_prog', 'wronly_prog', 'no_prealloc'] as const).map(
    (flag) => ['hash', flag] as const,
  ),
  ['array'],
  ...(['rdonly', 'wronly', 'rdonly_prog'] as const).map((flag) => ['array', flag] as const),
  ['lru_hash'],
  ['lru_hash', 'rdonly'],
  ['lru_hash', 'no_common_lru'],
  ['lru_hash', 'no_common_lru', 'rdonly'],
  ['lru_percpu_hash'],
  ['lru_percpu_hash', 'no_common_lru'],
  ['stack_trace'],
  ['stack_trace', 'rdonly'],
  ['percpu_hash', 'rdonly'],
  ['lpm_trie', 'no_prealloc', 'rdonly'],
];

test('a map that was pinned by name is taken by the next load', async (t) => {
  await runWithToken(t, 'whatever the kernel makes of its size and flags', ALL, () => {
    for (const [i, [type, ...flags]] of rows.entries()) {
      const spec = withMap(`map${i}`, { type, flags, ...(type === 'lpm_trie' ? { keySize: 8 } : {}) });
      const ids = [1, 2].map(() => {
        using collection = Collection.loadSync(spec);
        const map = collection.maps[`map${i}`] ?? assert.fail();
        if (map.type === 'array') {
          const refused = { code: 'EPERM' };
          if (flags[0] === 'rdonly') assert.throws(() => map.set(0, new Uint8Array(8)), refused);
          if (flags[0] === 'wronly') assert.throws(() => map.get(0), refused);
        }
        return map.info().id;
      });
      assert.equal(ids[0], ids[1], [type, ...flags].join(' '));
    }
  });

  await runWithToken(t, 'unless it differs', ALL, () => {
    const refused = (
      name: string,
      first: Partial<MapSpec>,
      second: Partial<MapSpec>,
      message: RegExp,
    ): void => {
      Collection.loadSync(withMap(name, first)).close();
      assert.throws(
        () => Collection.loadSync(withMap(name, second)),
        (error: Error) => {
          assert.ok(BpfError.is(error));
          assert.equal(error.code, 'ERR_BPF_PIN_MISMATCH');
          assert.match(error.message, message);
          return true;
        },
      );
    };
    const lru = { type: 'lru_hash', flags: ['no_common_lru'] } as const;
    const cpus = possibleCpus().length;
    refused(
      'lists',
      { ...lru, maxEntries: 8 * cpus },
      { ...lru, maxEntries: 9 * cpus },
      new RegExp(`its max_entries is ${8 * cpus}, the object has ${9 * cpus}`),
    );
    refused(
      'list',
      { type: 'lru_hash' },
      { type: 'lru_hash', maxEntries: 8 },
      /its max_entries is 7, the object has 8/,
    );
    refused(
      'flags',
      { flags: ['rdonly_prog'] },
      { flags: ['rdonly'] },
      /its flags are rdonly_prog, the object has none: remove the pin/,
    );
  });

  if (kernelLacksMapType('arena')) return t.skip('this kernel has no map type arena');
  await runWithToken(
    t,
    'an arena too, which others have mapped at an address of theirs',
    ALL,
    () => {
      const load = (extra = 0n): Collection => {
        const spec = CollectionSpec.loadSync(fixture('arena.el.clang19.o'));
        const { memory = assert.fail() } = spec.maps;
        memory.pinning = 'by_name';
        memory.mapExtra = extra;
        const { count = assert.fail(), push = assert.fail() } = spec.programs;
        // A token permits no programs of type syscall. Other types cannot sleep, so they cannot allocate pages.
        Object.assign(count, { type: 'socket_filter', flags: [] });
        push.autoload = false;
        return Collection.loadSync(spec, { pinPath: `/sys/fs/bpf/at${extra}` });
      };
      const PACKET = { data: new Uint8Array(64) };
      {
        using first = load();
        assert.equal(first.programs.count?.testRun(PACKET).returnValue, 7);
        assert.equal(first.variables.counter?.get(), 7);
      }
      for (const expected of [9, 11]) {
        using again = load();
        assert.equal(again.programs.count?.testRun(PACKET).returnValue, expected);
        assert.throws(() => again.variables.counter?.get(), {
          code: 'EINVAL',
          message:
            'Cannot map the memory of map "memory" (arena): EINVAL: an arena has only one address: another mapping of it chose that address, and the kernel does not say which: create the arena with an address (map_extra)',
        });
        assert.equal(again.variables.head?.get(), 0n, 'what is in no arena');
      }
      for (const expected of [7, 9]) {
        using fixed = load(1n << 44n);
        assert.equal(fixed.programs.count?.testRun(PACKET).returnValue, expected);
        assert.equal(fixed.variables.counter?.get(), expected);
      }
    },
    { capabilities: ['perfmon'] },
  );
});
