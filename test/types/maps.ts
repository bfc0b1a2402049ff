/** Maps, by family: what must compile, and what must not. */

import type { Collection } from 'ebpf-ts';
import {
  type ArrayMap,
  BpfMap,
  type Codec,
  type HashMap,
  type KeyedMap,
  type MapOfMaps,
  type PerCpuArrayMap,
  type PerCpuHashMap,
  type QueueMap,
  type RingMap,
  type StackTraceMap,
  string,
  struct,
  type TableMap,
  type UnknownMap,
  u32,
  u64,
} from 'ebpf-ts';
import { PerfBuffer } from 'ebpf-ts/perf';
import { RingBuffer, UserRingBuffer } from 'ebpf-ts/ringbuf';

/** Compiles only when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function same<A, B>(..._proof: Same<A, B> extends true ? [] : [never]): void;
declare function typeOf<T>(value: T): { same<U>(..._proof: Same<T, U> extends true ? [] : [never]): void };

declare const collection: Collection;
declare const unknown: BpfMap;

const key = u32;
const value = u64;
const event = struct({ pid: u32, comm: string(16) });
type Event = { pid: number; comm: string };

// A hash has entries. It is neither a queue nor mapped memory.
const hash = BpfMap.create({ type: 'hash', key, value, maxEntries: 1 });
typeOf(hash).same<HashMap<number, bigint>>();
hash.set(1, 2n, { mode: 'noexist', lock: undefined });
typeOf(hash.get(1)).same<bigint | undefined>();
typeOf(hash.take(1)).same<bigint | undefined>();
for (const [k, v] of hash) typeOf<[number, bigint]>([k, v]);
// @ts-expect-error a hash needs a key for each value
hash.push(1n);
// @ts-expect-error a hash cannot be mapped
hash.mmap();
// @ts-expect-error a hash holds no records
hash.records;
// @ts-expect-error keys are numbers
hash.get('1');

// An array can be mapped, and its entries cannot be removed.
const array = BpfMap.create({ type: 'array', key, value, maxEntries: 1, flags: ['mmapable'] });
typeOf(array).same<ArrayMap<number, bigint>>();
typeOf(array.mmap({ writable: undefined }).get(0)).same<bigint>();
// @ts-expect-error entries of an array cannot be deleted
array.delete(0);
// @ts-expect-error entries of an array cannot be taken out
array.take(0);
// @ts-expect-error entries of an array cannot be deleted
array.clear();

// Per-CPU maps hold arrays.
const perCpu = BpfMap.create({ type: 'percpu_hash', key, value, maxEntries: 1 });
typeOf(perCpu).same<PerCpuHashMap<number, bigint>>();
typeOf(perCpu.get(1)).same<bigint[] | undefined>();
const perCpuArray = BpfMap.create({ type: 'percpu_array', key, value, maxEntries: 1 });
typeOf(perCpuArray).same<PerCpuArrayMap<number, bigint>>();
// @ts-expect-error one value for each CPU
perCpuArray.set(0, 1n);
// @ts-expect-error a per-CPU array cannot be mapped
perCpuArray.mmap();

// Queues and stacks have no keys.
const queue = BpfMap.create({ type: 'queue', value, maxEntries: 1 });
typeOf(queue).same<QueueMap<bigint>>();
queue.push(1n, { overwrite: undefined });
typeOf(queue.pop()).same<bigint | undefined>();
// @ts-expect-error a queue has no keys
queue.get(0);
// @ts-expect-error a queue cannot be listed
for (const _ of queue) void _;
const bloom = BpfMap.create({ type: 'bloom_filter', value, maxEntries: 1 });
typeOf(bloom.mayContain(1n)).same<boolean>();
// @ts-expect-error values of a bloom filter cannot be read
bloom.pop();

// Tries, and maps of kernel objects, cannot look up and delete in one step.
const trie = BpfMap.create({ type: 'lpm_trie', key: u64, value, maxEntries: 1 });
trie.delete(1n);
// @ts-expect-error only hash maps have it
trie.take(1n);
const sockets = BpfMap.create({ type: 'xskmap', key, value: u32, maxEntries: 1 });
sockets.set(0, 3);
// @ts-expect-error the kernel does not return sockets
sockets.get(0);
const stacks: StackTraceMap<number, bigint> = BpfMap.create({
  type: 'stack_trace',
  key,
  value,
  maxEntries: 1,
});
// @ts-expect-error only BPF programs write stacks
stacks.set(0, 1n);
const storage = BpfMap.create({ type: 'task_storage', key, value });
storage.get(1);
// @ts-expect-error the kernel does not list the tasks
storage.keys();

// Memory without entries.
const arena = BpfMap.create({ type: 'arena', maxEntries: 1 });
arena.mmap().as(Uint8Array);
// @ts-expect-error an arena has no entries
arena.get(0);

// Rings hold records.
const ring = BpfMap.create({ type: 'ringbuf', maxEntries: 4096 });
typeOf(ring).same<RingMap<Uint8Array>>();
// @ts-expect-error a ring has no entries
ring.get(0);
const events = BpfMap.create({ type: 'ringbuf', maxEntries: 4096, records: event });
typeOf(events.records).same<Codec<Event> | undefined>();
const perf = BpfMap.create({ type: 'perf_event_array', key, value: u32, records: event });
typeOf(perf.records).same<Codec<Event> | undefined>();
perf.set(0, 3);
// @ts-expect-error the kernel does not return perf events
perf.get(0);

// Readers of the same records give the same type.
typeOf(RingBuffer.open(events)).same<RingBuffer<Event>>();
typeOf(PerfBuffer.open(perf)).same<PerfBuffer<Event>>();
typeOf(RingBuffer.open(ring)).same<RingBuffer<Uint8Array>>();
typeOf(PerfBuffer.open(BpfMap.create({ type: 'perf_event_array', key, value: u32 }))).same<
  PerfBuffer<Uint8Array>
>();
typeOf(RingBuffer.open(ring, { value: event })).same<RingBuffer<Event>>();
typeOf(PerfBuffer.open(perf, { value: u64, bufferSize: undefined })).same<PerfBuffer<bigint>>();
typeOf(UserRingBuffer.open(BpfMap.create({ type: 'user_ringbuf', maxEntries: 4096, records: event }))).same<
  UserRingBuffer<Event>
>();
// A map whose type is not known before the program runs may be a ring.
typeOf(RingBuffer.open(unknown, { value: event })).same<RingBuffer<Event>>();
typeOf(RingBuffer.open(unknown)).same<RingBuffer<unknown>>();
typeOf(PerfBuffer.open(unknown)).same<PerfBuffer<unknown>>();
// @ts-expect-error a hash is not a ring
RingBuffer.open(hash);
// @ts-expect-error a ring is not a perf buffer
PerfBuffer.open(events);
// @ts-expect-error a perf event array is not a ring
RingBuffer.open(perf);

// The type tells maps apart.
if (unknown.type === 'queue') unknown.pop();
if (unknown.type === 'array') unknown.mmap().close();
if (unknown.type === 'hash' || unknown.type === 'lru_hash') unknown.take(1);
// @ts-expect-error not every map has entries
unknown.get(1);
if (unknown.type !== 'ringbuf' && unknown.type !== 'user_ringbuf') {
  // @ts-expect-error what is left is at most a perf event array
  const left: RingMap<unknown> = unknown;
  void left;
}
function describe(map: BpfMap): string {
  switch (map.type) {
    case 'hash':
    case 'lru_hash':
    case 'rhash':
      return String(map.get(1));
    case 'percpu_hash':
    case 'lru_percpu_hash':
      return String(map.get(1)?.length);
    case 'stack':
    case 'queue':
      return String(map.peek());
    case 'array_of_maps':
    case 'hash_of_maps':
      return String(map.get(1));
    default:
      return map.name;
  }
}
describe(hash);
describe(queue);
describe(ring);
describe(BpfMap.create({ type: 'array_of_maps', key, maxEntries: 1, inner: hash }));
if ('get' in unknown) unknown.has(1 as never);
// A map of a type that the library does not know has only the common part.
declare const future: UnknownMap;
describe(future);
future.info();
// @ts-expect-error what it can do is not known
future.get(1);
declare const anything: unknown;
if (anything instanceof BpfMap) describe(anything);

// Maps of maps.
typeOf(BpfMap.create({ type: 'hash_of_maps', key, maxEntries: 1, inner: hash })).same<
  MapOfMaps<number, HashMap<number, bigint>>
>();
const inner = { type: 'percpu_array', key, value, maxEntries: 1 } as const;
typeOf(BpfMap.create({ type: 'array_of_maps', key, maxEntries: 1, inner }).get(0)?.get(1)).same<
  bigint[] | undefined
>();
typeOf(BpfMap.create({ type: 'array_of_maps', key, maxEntries: 1, inner: events }).get(0)?.records).same<
  Codec<Event> | undefined
>();
const opened = BpfMap.fromId(1, { type: 'hash_of_maps', key, inner: { type: 'array', key, value } });
typeOf(opened).same<MapOfMaps<number, ArrayMap<number, bigint>>>();

// A map that is opened with a type has that type. Without one, it can be any map.
typeOf(BpfMap.fromPinned('/x', { type: 'hash', key, value })).same<HashMap<number, bigint>>();
typeOf(BpfMap.fromId(1, { type: 'ringbuf', records: event, access: undefined })).same<RingMap<Event>>();
typeOf(BpfMap.fromId(1)).same<BpfMap<Uint8Array, Uint8Array, Uint8Array>>();
// @ts-expect-error its type is not known
BpfMap.fromId(1, { key, value }).get(1);
const found = BpfMap.fromId(1, { key, value });
if (found.type === 'hash') typeOf(found.get(1)).same<bigint | undefined>();

// A function that works with every map that has entries.
function sum(map: TableMap<number, bigint>): bigint {
  let total = 0n;
  for (const each of map.values()) total += each;
  return total;
}
sum(hash);
sum(array);
sum(trie as unknown as KeyedMap<number, bigint>);
// @ts-expect-error a queue has no entries
sum(queue);

// The maps of a collection.
const { counts } = collection.maps;
if (counts?.type === 'hash') counts.get(1);
collection.map('counts', 'hash').get(1);
collection.map('events', 'ringbuf').records;
collection.map('counts').close();
// @ts-expect-error a queue has no keys
collection.map('queue', 'queue').get(1);
// @ts-expect-error no such type
collection.map('counts', 'hsah');

// Every option can be undefined, which means the same as leaving it out.
BpfMap.create({
  type: 'hash',
  key,
  value,
  maxEntries: 1,
  name: undefined,
  flags: undefined,
  extra: undefined,
});
BpfMap.create({ type: 'bloom_filter', value, maxEntries: 1, extra: 3n });
// @ts-expect-error flags have names
BpfMap.create({ type: 'hash', key, value, maxEntries: 1, flags: ['mmapabel'] });
// @ts-expect-error no such option
BpfMap.create({ type: 'hash', key, value, maxEntires: 1 });
hash.pin('/sys/fs/bpf/x');
hash.unpin('/sys/fs/bpf/x');
queue.info().maxEntries;
same<Parameters<typeof hash.delete>, [key: number]>();
