// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { string, struct, u8, u16be, u32, u64 } from '../../../src/bytes/codec/index.ts';
import { BpfError, ClosedError } from '../../../src/errors/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { needsMaps } from '../needs.ts';

for (const type of ['hash', 'lru_hash'] as const) {
  test(`${type}: get, set, has, delete, take`, needsMaps(), () => {
    using map = BpfMap.create({ type, key: u32, value: u64, maxEntries: 64 });
    assert.equal(map.get(1), undefined);
    assert.equal(map.has(1), false);
    assert.equal(map.delete(1), false);
    assert.equal(map.take(1), undefined);
    assert.equal(map.set(1, 5n), true);
    assert.equal(map.get(1), 5n);
    assert.equal(map.has(1), true);
    assert.equal(map.set(1, 6n), true);
    assert.equal(map.take(1), 6n);
    assert.equal(map.take(1), undefined);
    map.set(2, 7n);
    assert.equal(map.delete(2), true);
    assert.equal(map.has(2), false);
  });

  test(`${type}: modes of set`, needsMaps(), () => {
    using map = BpfMap.create({ type, key: u32, value: u64, maxEntries: 64 });
    assert.equal(map.set(1, 1n, { mode: 'exist' }), false);
    assert.equal(map.set(1, 1n, { mode: 'noexist' }), true);
    assert.equal(map.set(1, 2n, { mode: 'noexist' }), false);
    assert.equal(map.get(1), 1n);
    assert.equal(map.set(1, 3n, { mode: 'exist' }), true);
    assert.equal(map.set(1, 4n, { mode: 'any' }), true);
    assert.equal(map.get(1), 4n);
  });
}

test('array: every index exists', needsMaps(), () => {
  using map = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 4 });
  assert.equal(map.get(3), 0n);
  assert.equal(map.get(4), undefined);
  assert.equal(map.set(0, 1n, { mode: 'noexist' }), false);
  assert.equal(map.set(0, 1n, { mode: 'exist' }), true);
  assert.equal(map.get(0), 1n);
});

test('structures as key and value', needsMaps(), () => {
  const key = struct({ protocol: u8, port: u16be });
  const value = struct({ hits: u64, name: string(16), flag: u8 });
  using map = BpfMap.create({ type: 'hash', key, value, maxEntries: 8 });
  map.set({ protocol: 6, port: 443 }, { hits: 3n, name: 'https', flag: 1 });
  // The annotation checks the type: get returns the structure's type.
  const found: { hits: bigint; name: string; flag: number } | undefined = map.get({ protocol: 6, port: 443 });
  assert.deepEqual(found, { hits: 3n, name: 'https', flag: 1 });
  assert.throws(() => map.get({ protocol: 6, port: 70000 }), {
    name: 'RangeError',
    message: 'map (hash): key.port: 70000 is not a u16be (0 to 65535)',
  });
  assert.throws(() => map.set({ protocol: 6, port: 1 }, { hits: 3n, name: 'x', flag: 256 }), {
    name: 'RangeError',
    message: 'map (hash): value.flag: 256 is not a u8 (0 to 255)',
  });
});

test('hash tries on prefixes: lpm_trie', needsMaps(), () => {
  const key = struct({ length: u32, a: u8, b: u8, c: u8, d: u8 });
  using map = BpfMap.create({ type: 'lpm_trie', key, value: u32, maxEntries: 8 });
  map.set({ length: 8, a: 10, b: 0, c: 0, d: 0 }, 1);
  map.set({ length: 16, a: 10, b: 1, c: 0, d: 0 }, 2);
  assert.equal(map.get({ length: 32, a: 10, b: 1, c: 2, d: 3 }), 2);
  assert.equal(map.get({ length: 32, a: 10, b: 2, c: 2, d: 3 }), 1);
  assert.equal(map.get({ length: 32, a: 11, b: 2, c: 2, d: 3 }), undefined);
});

/** Returns the error that a call throws. */
function thrown(call: () => unknown): BpfError {
  try {
    call();
  } catch (error) {
    if (error instanceof BpfError) return error;
    throw error;
  }
  throw new assert.AssertionError({ message: 'it did not throw' });
}

test('errors name the map and say what the errno means here', needsMaps(), () => {
  using hash = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 2, name: 'small' });
  hash.set(1, 1n);
  hash.set(2, 2n);
  const full = thrown(() => hash.set(3, 3n));
  assert.equal(full.code, 'E2BIG');
  assert.equal(full.errno, 7);
  assert.equal(full.syscall, 'bpf');
  assert.equal(full.command, 'map_update_elem');
  assert.equal(
    full.message,
    'Cannot update an entry of map "small" (hash): E2BIG: the map is full (max_entries 2)',
  );

  using array = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 2 });
  assert.equal(
    thrown(() => array.set(2, 1n)).message,
    'Cannot update an entry of map (array): E2BIG: the index is beyond max_entries (2)',
  );
  // @ts-expect-error entries of an array cannot be deleted
  assert.throws(() => array.delete(0), TypeError);
  // @ts-expect-error entries of an array cannot be taken out
  assert.throws(() => array.take(0), TypeError);

  using readOnly = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 2, flags: ['rdonly'] });
  assert.match(thrown(() => readOnly.set(0, 0n)).message, /EPERM: .*flag rdonly/);
  using writeOnly = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 2, flags: ['wronly'] });
  assert.match(thrown(() => writeOnly.get(0)).message, /EPERM: .*flag wronly/);
  assert.match(thrown(() => [...writeOnly]).message, /EPERM: .*flag wronly/);
  assert.match(thrown(() => [...writeOnly.keys()]).message, /EPERM: .*flag wronly/);
});

test('a frozen map refuses writing', needsMaps(), () => {
  using map = BpfMap.create({ type: 'array', key: u32, value: u64, maxEntries: 2 });
  map.set(0, 9n);
  map.freeze();
  assert.equal(map.get(0), 9n);
  assert.match(thrown(() => map.set(0, 1n)).message, /EPERM: the map is frozen/);
  // Older kernels answer EBUSY.
  assert.match(thrown(() => map.freeze()).message, /EPERM: the map is frozen|EBUSY: .*frozen already/);
});

test('a closed map refuses everything', needsMaps(), () => {
  const map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 2, name: 'gone' });
  map.set(1, 1n);
  const entries = map.entries();
  map.close();
  map.close();
  assert.equal(map.closed, true);
  const uses: (() => unknown)[] = [
    () => map.get(1),
    () => map.set(1, 1n),
    () => map.set(1, 1n, { mode: 'exist' }),
    () => map.has(1),
    () => map.delete(1),
    () => map.take(1),
    () => entries.next(),
    () => [...map.keys()],
    () => map.count(),
    () => map.setMany([[1, 1n]]),
    () => map.deleteMany([1]),
    () => map.takeAll(),
    () => map.clear(),
    () => map.freeze(),
    () => map.info(),
    () => map.pin('/nowhere'),
    () => map.unpin('/nowhere'),
  ];
  for (const use of uses) {
    assert.throws(
      use,
      (error) => error instanceof ClosedError && error.message.includes('"gone"'),
      String(use),
    );
  }
});

test('options of calls on one entry are checked', needsMaps(), () => {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 1 });
  for (const [call, message] of [
    [() => map.get(1, { lock: 'yes' } as never), 'map.get: lock must be true or false, got "yes"'],
    [() => map.take(1, { lock: null } as never), 'map.take: lock must be true or false, got null'],
    [() => map.get(1, { loc: true } as never), 'map.get: unknown option "loc" (did you mean "lock"?)'],
    [() => map.get(1, null as never), 'map.get: options must be an object, got null'],
    [() => map.get(1, { mode: 'any' } as never), 'map.get: unknown option "mode"'],
    [() => map.set(1, 2n, 'noexist' as never), 'map.set: options must be an object, got "noexist"'],
    [() => map.set(1, 2n, [] as never), 'map.set: options must be an object, got an array of 0'],
    [
      () => map.set(1, 2n, { mode: 'noexit' } as never),
      'map.set: mode must be "any", "noexist" or "exist", got "noexit" (did you mean "noexist"?)',
    ],
    [() => map.set(1, 2n, { mode: 1 } as never), 'map.set: mode must be "any", "noexist" or "exist", got 1'],
  ] as const) {
    assert.throws(call, { name: 'TypeError', message });
  }
  assert.equal(map.set(1, 2n, { mode: undefined, lock: undefined }), true);
  assert.equal(map.set(1, 3n, { mode: 'noexist', lock: false }), false);
});

test('options nobody knows are refused', needsMaps(), () => {
  const options = { type: 'hash', key: u32, value: u64, maxEntries: 1 } as const;
  const create = (more: object): void => BpfMap.create({ ...options, ...more }).close();
  assert.throws(
    () => create({ maxEntires: 1 }),
    /TypeError|unknown option "maxEntires" \(did you mean "maxEntries"/,
  );
  assert.throws(() => create({ maxEntry: 1 }), /unknown option "maxEntry" \(did you mean "maxEntries"\?\)$/);
  create({ inner: undefined });
  assert.throws(() => create({ type: 'hsah' }), { name: 'TypeError', message: /hsah.*hash/ });
  assert.throws(() => create({ flags: ['mmapabel'] }), { name: 'TypeError', message: /mmapabel.*mmapable/ });
  assert.throws(() => create({ name: 'has space' }), {
    name: 'TypeError',
    message: /^BpfMap.create: name "has space" .*"has_space"/,
  });
  assert.throws(() => create({ maxEntries: -1 }), RangeError);
  assert.throws(() => create({ maxEntries: '1' }), TypeError);
  assert.throws(() => create({ records: u32 }), {
    name: 'TypeError',
    message: 'BpfMap.create: maps of type hash hold no records',
  });
  using map = BpfMap.create(options);
  using array = BpfMap.create({ ...options, type: 'array' });
  assert.throws(() => map.set(1, 1n, { mode: 'maybe' as 'any' }), { name: 'TypeError', message: /maybe/ });
  assert.throws(() => map.set(1, 1n, { moed: 'any' } as object), { name: 'TypeError', message: /moed/ });
  assert.throws(() => map.get(1, { mode: 'any' } as object), { name: 'TypeError', message: /mode/ });
  assert.throws(() => array.mmap({ writeable: true } as object), { name: 'TypeError', message: /writable/ });
});

test('a refused creation says why', needsMaps(), () => {
  const refused = (options: object): string => thrown(() => BpfMap.create(options as never)).message;
  assert.equal(
    refused({ type: 'hash', key: u32, value: u32, name: 'none' }),
    'Cannot create map "none" (hash): EINVAL: max_entries must be at least 1',
  );
  assert.match(
    refused({ type: 'array', key: u64, value: u32, maxEntries: 1 }),
    /EINVAL: the key must have 4 bytes, not 8/,
  );
  assert.match(
    refused({ type: 'queue', key: u32, value: u32, maxEntries: 1 }),
    /EINVAL: maps of type queue have no key/,
  );
  assert.match(
    refused({ type: 'ringbuf', maxEntries: 2 ** 31 + 1 }),
    /(EINVAL|E2BIG): max_entries \(2147483649\) must be a power of two/,
  );
  assert.match(
    refused({ type: 'hash', key: u32, value: u32, maxEntries: 1, flags: ['mmapable'] }),
    /cannot be mmapable/,
  );
  assert.match(refused({ type: 'percpu_array', key: u32, maxEntries: 1 }), /a value is needed/);
});

test('a name beyond 15 characters is kept whole here and cut for the kernel', needsMaps(), () => {
  const options = {
    type: 'hash',
    key: u32,
    value: u32,
    maxEntries: 1,
    name: 'packets_per_protocol',
  } as const;
  using map = BpfMap.create(options);
  assert.equal(map.name, 'packets_per_protocol');
  assert.equal(map.info().name, 'packets_per_pro');
  assert.match(
    thrown(() => BpfMap.create({ ...options, maxEntries: 0 })).message,
    /^Cannot create map "packets_per_protocol" \(hash\): EINVAL: max_entries must be at least 1$/,
  );
});
