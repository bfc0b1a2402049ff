// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MapType, mapTypes } from '../../src/abi/index.ts';
import * as asm from '../../src/asm/index.ts';
import { u32, u64 } from '../../src/bytes/codec/index.ts';
import { HOST_LITTLE_ENDIAN } from '../../src/bytes/index.ts';
import { errnoName } from '../../src/errors/index.ts';
import { classOf } from '../../src/map/by-type.ts';
import { BaseMap, BpfMap, type MapOptions } from '../../src/map/index.ts';
import { kernelLacksMapType } from '../../src/map/kernel-types.ts';
import { Program } from '../../src/program/index.ts';
import { bpf, MemoryMap, pageSize } from '../../src/sys/index.ts';
import { needsMaps } from './needs.ts';
import { type Options, PARAMETERS } from './parameters.ts';

type Operation = 'lookup' | 'update' | 'delete' | 'take' | 'next';

/** The errnos for an operation that does not exist. EINVAL is one of them, as long as the arguments are valid. */
const NONE = ['EINVAL', 'ENOTSUPP', 'EOPNOTSUPP'];

/** Operations that exist although the kernel answers EINVAL, because there is no entry (net/core/sock_map.c). */
const EMPTY: readonly string[] = ['sockmap delete'];

/** Methods that a type got in a later kernel than the one that introduced the type. */
const LATER: readonly string[] = ['stack_trace take'];

/** The options to create the map with. Maps of sockets get values of 8 bytes (cookies), and an array can be mapped. */
function parametersOf(type: MapType): Options {
  const options = PARAMETERS[type as keyof typeof PARAMETERS];
  if (type.startsWith('sock') || type === 'reuseport_sockarray') return { ...options, value: u64 };
  return type === 'array' ? { ...options, flags: ['mmapable'] } : options;
}

/** Finds the operations that the kernel has for the map, by trying each with valid arguments. */
function operationsOf(map: BpfMap, value: Uint8Array): Set<Operation> {
  const map_fd = map.fd.value;
  const key = map.keySize === 0 ? {} : { key: new Uint8Array(map.keySize) };
  const out = new Uint8Array(65_536);
  const results: Readonly<Record<Operation, number>> = {
    next: bpf('map_get_next_key', { map_fd, next_key: new Uint8Array(64) }),
    update: bpf('map_update_elem', { map_fd, ...key, value, flags: 0 }),
    lookup: bpf('map_lookup_elem', { map_fd, ...key, value: out, flags: 0 }),
    delete: bpf('map_delete_elem', { map_fd, ...key }),
    take: bpf('map_lookup_and_delete_elem', { map_fd, ...key, value: out, flags: 0 }),
  };
  const has = ([name, result]: [string, number]): boolean =>
    result >= 0 || !NONE.includes(errnoName(-result)) || EMPTY.includes(`${map.type} ${name}`);
  return new Set(
    Object.entries(results)
      .filter(has)
      .map(([name]) => name as Operation),
  );
}

/**
 * Whether the kernel maps the memory for user space. Rings do not count, because only their readers and writers use it.
 */
function isMapped(map: BpfMap): boolean {
  if (map.type === 'ringbuf' || map.type === 'user_ringbuf') return false;
  try {
    MemoryMap.map(map.fd, 'map', { length: pageSize(), writable: true }).close();
    return true;
  } catch {
    return false;
  }
}

/** The methods that follow from what the kernel has. */
function methodsFor(map: BpfMap, has: Set<Operation>): Record<string, boolean> {
  const keyed = map.keySize > 0;
  const bloom = map.type === 'bloom_filter';
  const lists = has.has('next') && keyed;
  const reads = has.has('lookup') && keyed;
  const writes = has.has('update') && keyed;
  const deletes = has.has('delete') && keyed;
  return {
    get: reads,
    has: reads,
    set: writes,
    delete: deletes,
    take: has.has('take') && keyed,
    keys: lists,
    count: lists,
    entries: lists && reads,
    values: lists && reads,
    forEach: lists && reads,
    readInto: lists && reads,
    setMany: lists && writes,
    writeFrom: lists && writes,
    deleteMany: lists && deletes,
    clear: lists && deletes,
    takeAll: lists && reads && deletes,
    takeInto: lists && reads && deletes,
    push: has.has('update') && !keyed,
    pop: has.has('take') && !keyed,
    peek: has.has('lookup') && !keyed && !bloom,
    mayContain: has.has('lookup') && bloom,
    mmap: isMapped(map),
  };
}

/**
 * A value that the map takes, or a descriptor of the wrong kind. For such a descriptor the kernel gives another error
 * than for an operation that it lacks.
 */
function valueFor(map: BpfMap, program: Program, inner: BpfMap): Uint8Array {
  const value = new Uint8Array(65_536);
  const ofMaps = map.type === 'array_of_maps' || map.type === 'hash_of_maps';
  const loopback = map.type === 'devmap' || map.type === 'devmap_hash';
  const word = loopback ? 1 : ofMaps ? inner.fd.value : program.fd.value;
  if (map.type !== 'insn_array') new DataView(value.buffer).setInt32(0, word, HOST_LITTLE_ENDIAN);
  return value;
}

for (const type of mapTypes.names) {
  // A struct_ops map takes only a whole struct of functions.
  if (type === 'unspec' || type === 'struct_ops') continue;
  test(`${type}: a map has the methods that the kernel has for it`, needsMaps(), (t) => {
    if (kernelLacksMapType(type)) return t.skip(`this kernel has no map type ${type}`);
    using program = Program.loadSync({
      type: 'socket_filter',
      instructions: [asm.mov(asm.r0, 0), asm.exit()],
    });
    using inner = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 1 });
    using map: BpfMap = BpfMap.create({ type, ...parametersOf(type) } as MapOptions<
      'hash',
      unknown,
      unknown
    >);
    assert.ok(map instanceof classOf(type));
    assert.ok(map instanceof BpfMap);
    const wanted = methodsFor(map, operationsOf(map, valueFor(map, program, inner)));
    const later = Object.keys(wanted).filter((name) => LATER.includes(`${type} ${name}`));
    const differences = Object.entries(wanted).filter(
      ([name, has]) => has !== name in map && !(later.includes(name) && !has),
    );
    assert.deepEqual(differences, [], 'methods that the kernel has (true) or does not have (false)');
    assert.equal('records' in map, ['ringbuf', 'user_ringbuf', 'perf_event_array'].includes(type));
    assert.equal(Symbol.iterator in map, wanted.entries);
  });
}

test('maps of a type that the library does not know have the common part', () => {
  assert.equal(classOf('4711'), BaseMap);
  assert.equal(classOf('constructor'), BaseMap);
  assert.equal({} instanceof BpfMap, false);
});

test('only the library makes maps', () => {
  const message = 'Maps cannot be constructed: use BpfMap.create, fromId, fromPinned or fromFd';
  const classes = mapTypes.names.map((type) => classOf(type)).concat(BaseMap);
  for (const Class of classes) {
    for (const given of [undefined, {}, { core: {} }]) {
      assert.throws(() => new Class(given as never, undefined), { name: 'TypeError', message });
    }
  }
});
