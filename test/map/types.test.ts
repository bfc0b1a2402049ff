// depends on: kernel, runtime
import { test } from 'node:test';
import { array, bool, bytes, type Infer, string, struct, u8, u32, u64 } from '../../src/bytes/codec/index.ts';
import {
  type ArrayMap,
  BpfMap,
  type HashMap,
  type MapOfMaps,
  type PerCpuArrayMap,
  type PerCpuHashMap,
  type QueueMap,
} from '../../src/map/index.ts';

/** Compiles only when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void {}

test('types follow from the codecs: checked by the compiler', () => {
  const flow = struct({ port: u32, tags: array(u8, 3), name: string(8), mac: bytes(6), up: bool, at: u64 });
  same<
    Infer<typeof flow>,
    { port: number; tags: number[]; name: string; mac: Uint8Array; up: boolean; at: bigint }
  >();

  // Never called: only their types matter.
  const hash = () => BpfMap.create({ type: 'hash', key: flow, value: u64, maxEntries: 1 });
  same<ReturnType<typeof hash>, HashMap<Infer<typeof flow>, bigint>>();
  const perCpu = () => BpfMap.create({ type: 'percpu_array', key: u32, value: u64, maxEntries: 1 });
  same<ReturnType<typeof perCpu>, PerCpuArrayMap<number, bigint>>();
  const queue = () => BpfMap.create({ type: 'queue', value: u32, maxEntries: 1 });
  same<ReturnType<typeof queue>, QueueMap<number>>();
  const inner = { type: 'percpu_hash', key: u64, value: u32, maxEntries: 1 } as const;
  const outer = () => BpfMap.create({ type: 'hash_of_maps', key: u32, maxEntries: 1, inner });
  same<ReturnType<typeof outer>, MapOfMaps<number, PerCpuHashMap<bigint, number>>>();
  const pattern = () => BpfMap.create({ type: 'array_of_maps', key: u32, maxEntries: 1, inner: hash() });
  same<ReturnType<typeof pattern>, MapOfMaps<number, HashMap<Infer<typeof flow>, bigint>>>();
  const opened = () => BpfMap.fromId(1, { type: 'array', key: u32, value: u64 });
  same<ReturnType<typeof opened>, ArrayMap<number, bigint>>();
  const openedPerCpu = () => BpfMap.fromPinned('/x', { type: 'percpu_hash', key: u32, value: u64 });
  same<ReturnType<typeof openedPerCpu>, PerCpuHashMap<number, bigint>>();
  const plain = () => BpfMap.fromId(1);
  same<ReturnType<typeof plain>, BpfMap<Uint8Array, Uint8Array, Uint8Array>>();
});
