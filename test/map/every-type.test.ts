// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commands, type MapType, mapTypes } from '../../src/abi/index.ts';
import { bytes, u32, u64 } from '../../src/bytes/codec/index.ts';
import { NotSupportedError } from '../../src/errors/index.ts';
import { BpfMap, type MapOptions } from '../../src/map/index.ts';
import { kernelBtf, type NativeBinding, native, possibleCpus, withBinding } from '../../src/sys/index.ts';
import { needsMaps } from './needs.ts';
import { type Options, PARAMETERS } from './parameters.ts';

/** Whether the running kernel defines the type, according to its own BTF. */
function kernelKnows(type: MapType): boolean {
  const found = kernelBtf().byName('bpf_map_type', 'enum');
  const names = found?.values.map(({ name }) => name.toLowerCase()) ?? [];
  return names.some((name) => name === `bpf_map_type_${type}` || name === `bpf_map_type_${type}_deprecated`);
}

/** The id and size of the kernel's value type for one struct_ops. Maps for it are made with this type. */
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
