import type { Codec } from '../../bytes/codec/index.ts';
import { checkInteger } from '../../errors/index.ts';
import { updateBatch } from './batch-write.ts';
import { type RawTarget, rawMemory } from './bulk.ts';
import type { EntryAccess } from './entry-access.ts';
import { rawChunks } from './iterate.ts';

/** All entries, decoded. */
export function* entriesOf<K, V>(access: EntryAccess<K, V>): Generator<[K, V], void, undefined> {
  const { core, key, value } = access;
  for (const { keys, values, count } of rawChunks(core, true)) {
    for (let i = 0; i < count; i++)
      yield [key.decode(keys, i * key.size), value.decode(values, i * value.size)];
  }
}

/** All keys, decoded. */
export function* keysOf<K>(access: EntryAccess<K, unknown>): Generator<K, void, undefined> {
  const key: Codec<K> = access.key;
  for (const { keys, count } of rawChunks(access.core, false)) {
    for (let i = 0; i < count; i++) yield key.decode(keys, i * key.size);
  }
}

/** The values of all entries, decoded. */
export function* valuesOf<V>(access: EntryAccess<unknown, V>): Generator<V, void, undefined> {
  const value: Codec<V> = access.value;
  for (const { values, count } of rawChunks(access.core, true)) {
    for (let i = 0; i < count; i++) yield value.decode(values, i * value.size);
  }
}

/** Counts the entries, by reading all keys. */
export function countOf(access: EntryAccess<unknown, unknown>): number {
  let total = 0;
  for (const { count } of rawChunks(access.core, false)) total += count;
  return total;
}

/** Stores entries from plain bytes. @throws TypeError, RangeError, BpfError */
export function writeFrom(access: EntryAccess<unknown, unknown>, source: RawTarget, count?: number): void {
  access.core.assertOpen();
  const { keys, values, capacity } = rawMemory('source', access.core, source);
  if (count !== undefined) checkInteger('writeFrom: count', count, 0, capacity);
  updateBatch(access.core, { keys, values, count: count ?? capacity });
}
