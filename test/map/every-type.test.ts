// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands, type MapType, mapTypes } from '../../src/abi/index.ts';
import { bytes, type Codec, i32, u32, u64 } from '../../src/bytes/codec/index.ts';
import { NotSupportedError } from '../../src/errors/index.ts';
import { BpfMap, type MapOptions } from '../../src/map/index.ts';
import { kernelBtf, type NativeBinding, native, possibleCpus, withBinding } from '../../src/sys/index.ts';
import { needsMaps } from './needs.ts';

type Options = Omit<MapOptions<MapType, unknown, unknown>, 'type'> & {
  readonly inner?: MapOptions<'array', number, bigint>;
};

const inner: MapOptions<'array', number, bigint> = { type: 'array', key: u32, value: u64, maxEntries: 1 };
const keyed = { key: u32, value: u32, maxEntries: 4 };
const storage = { key: i32, value: u64 };
const cgroupKey = bytes(16) as Codec<unknown>;

/** What each type wants. */
const PARAMETERS: Readonly<Record<Exclude<MapType, 'unspec'>, Options>> = {
  hash: keyed,
  array: keyed,
  prog_array: keyed,
  perf_event_array: keyed,
  percpu_hash: keyed,
  percpu_array: keyed,
  stack_trace: { key: u32, value: bytes(8 * 16), maxEntries: 4 },
  cgroup_array: keyed,
  lru_hash: keyed,
  lru_percpu_hash: keyed,
  lpm_trie: { key: bytes(8), value: u32, maxEntries: 4 },
  array_of_maps: { key: u32, maxEntries: 4, inner },
  hash_of_maps: { key: u32, maxEntries: 4, inner },
  devmap: keyed,
  sockmap: keyed,
  cpumap: { ...keyed, maxEntries: 1 },
  xskmap: keyed,
  sockhash: keyed,
  cgroup_storage: { key: cgroupKey, value: u64 },
  reuseport_sockarray: keyed,
  percpu_cgroup_storage: { key: cgroupKey, value: u64 },
  queue: { value: u32, maxEntries: 4 },
  stack: { value: u32, maxEntries: 4 },
  sk_storage: storage,
  devmap_hash: keyed,
  struct_ops: { key: u32, value: bytes(8), maxEntries: 1 },
  ringbuf: { maxEntries: 4096 },
  inode_storage: storage,
  task_storage: storage,
  bloom_filter: { value: u32, maxEntries: 4, extra: 3 },
  user_ringbuf: { maxEntries: 4096 },
  cgrp_storage: storage,
  arena: { maxEntries: 1 },
  insn_array: { key: u32, value: bytes(16), maxEntries: 4 },
  rhash: keyed,
};

/** Whether the running kernel defines the type, by its own BTF. */
function kernelKnows(type: MapType): boolean {
  const found = kernelBtf().byName('bpf_map_type', 'enum');
  const names = found?.values.map(({ name }) => name.toLowerCase()) ?? [];
  return names.some((name) => name === `bpf_map_type_${type}` || name === `bpf_map_type_${type}_deprecated`);
}

/** The id of the kernel's value type of some struct_ops, which its maps are made for. */
function structOpsValue(): { id: number; size: number } | undefined {
  const found = kernelBtf().byName('bpf_struct_ops_tcp_congestion_ops', 'struct');
  return found === undefined ? undefined : { id: found.id, size: found.size };
}

for (const type of mapTypes.names) {
  if (type === 'unspec') continue;
  test(`create a map of type ${type}`, needsMaps(), (t) => {
    let options: Options = PARAMETERS[type];
    if (type === 'struct_ops') {
      const value = structOpsValue();
      if (value === undefined) return t.skip('this kernel has no struct_ops of TCP congestion control');
      options = { key: u32, value: bytes(value.size), maxEntries: 1, kernelValueType: value.id };
    }
    const all = { ...options, type, name: 'every_type' } as MapOptions<'hash', unknown, unknown>;
    if (!kernelKnows(type)) {
      assert.throws(() => BpfMap.create(all), NotSupportedError);
      return t.skip(`this kernel has no map type ${type}`);
    }
    using map = BpfMap.create(all);
    const info = map.info();
    assert.equal(info.type, type);
    assert.equal(info.name, 'every_type');
    assert.equal(info.keySize, map.keySize);
    assert.equal(info.valueSize, map.valueSize, 'what was asked for is what the kernel made');
    assert.equal(info.maxEntries, map.maxEntries);
  });
}

test('creating a map is one system call', needsMaps(), () => {
  const real = native();
  const made: string[] = [];
  const bpf: NativeBinding['bpf'] = (command, attr, size) => {
    made.push(commands.name(command) ?? String(command));
    return real.bpf(command, attr, size);
  };
  withBinding({ ...real, bpf }, () => {
    BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 1, name: 'counted' }).close();
  });
  assert.deepEqual(made, ['map_create']);
});

test('a perf event array has one entry for each possible CPU where nothing else is said', needsMaps(), () => {
  for (const size of [{}, { maxEntries: 0 }]) {
    using map = BpfMap.create({ type: 'perf_event_array', key: u32, value: u32, ...size });
    assert.equal(map.info().maxEntries, possibleCpus().length);
    assert.equal(map.maxEntries, possibleCpus().length);
  }
});
