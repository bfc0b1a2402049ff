// depends on: runtime
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { struct, u8, u32, u64 } from '../../src/bytes/codec/index.ts';
import { BpfMap } from '../../src/map/index.ts';
import { findBpftool } from '../btf/bpftool.ts';
import { needsMaps } from './needs.ts';

interface DumpedEntry {
  readonly key: readonly string[];
  readonly value?: readonly string[];
  readonly values?: readonly { readonly cpu: number; readonly value: readonly string[] }[];
}

/** Runs bpftool, and returns what it prints. Skips the test if there is no bpftool. */
function bpftool<T>(t: TestContext, ...args: string[]): T | undefined {
  const command = findBpftool();
  if (command === undefined) {
    t.skip('bpftool is not installed');
    return undefined;
  }
  const [program, ...first] = command;
  const { stdout, stderr, status } = spawnSync(program, [...first, '-j', ...args], { encoding: 'utf8' });
  assert.equal(status, 0, stderr || stdout);
  return JSON.parse(stdout) as T;
}

const toBytes = (hex: readonly string[]): Uint8Array => Uint8Array.from(hex.map(Number));

test('bpftool dumps what was written', needsMaps(), (t) => {
  const value = struct({ a: u8, b: u64 });
  using map = BpfMap.create({ type: 'hash', key: u32, value, maxEntries: 16, name: 'dumped' });
  for (let i = 0; i < 10; i++) map.set(i, { a: i, b: BigInt(i) << 40n });
  const dump = bpftool<DumpedEntry[]>(t, 'map', 'dump', 'id', String(map.info().id));
  if (dump === undefined) return;
  const theirs = dump.map((entry) => [
    u32.decode(new DataView(toBytes(entry.key).buffer), 0),
    value.decode(new DataView(toBytes(entry.value ?? []).buffer), 0),
  ]);
  assert.deepEqual(theirs, [...map], 'the same entries, in the same order');
});

test('bpftool sees the same values of each CPU', needsMaps(), (t) => {
  using map = BpfMap.create({ type: 'percpu_array', key: u32, value: u32, maxEntries: 2 });
  const cpus = map.get(0)?.length ?? 0;
  map.set(
    1,
    Array.from({ length: cpus }, (_, cpu) => cpu + 7),
  );
  const dump = bpftool<DumpedEntry[]>(t, 'map', 'dump', 'id', String(map.info().id));
  if (dump === undefined) return;
  const theirs = dump[1]?.values?.map((each) => u32.decode(new DataView(toBytes(each.value).buffer), 0));
  assert.deepEqual(theirs, map.get(1));
});

test('bpftool shows the same properties', needsMaps(), (t) => {
  using map = BpfMap.create({ type: 'lpm_trie', key: u64, value: u32, maxEntries: 7, name: 'shown' });
  const info = map.info();
  const shown = bpftool<Record<string, unknown>>(t, 'map', 'show', 'id', String(info.id));
  if (shown === undefined) return;
  assert.deepEqual(
    [shown.type, shown.name, shown.bytes_key, shown.bytes_value, shown.max_entries, shown.flags],
    [info.type, info.name, info.keySize, info.valueSize, info.maxEntries, 1],
  );
  assert.deepEqual(info.flags, ['no_prealloc']);
});
