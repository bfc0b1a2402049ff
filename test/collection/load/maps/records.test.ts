// depends on: kernel
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Collection, CollectionSpec } from '../../../../src/collection/index.ts';
import { PerfBuffer } from '../../../../src/perf/index.ts';
import { RingBuffer } from '../../../../src/ringbuf/index.ts';
import { fixture } from '../../fixture.ts';
import { needsLoading } from '../../needs.ts';

/** Size of the Ethernet header in bytes. A socket filter sees packets without it. */
const ETHERNET = 14;
const FILES = ['events.el.clang14.o', 'events.el.clang19.o', 'events.eb.clang14.o', 'events.eb.clang19.o'];

test('the type of a ring buffer’s values is that of its records, and no size', () => {
  for (const file of FILES) {
    const { maps } = CollectionSpec.loadSync(fixture(file));
    assert.deepEqual([maps.events?.keySize, maps.events?.valueSize], [0, 0], file);
    assert.deepEqual([maps.samples?.keySize, maps.samples?.valueSize], [4, 4], file);
    assert.notEqual(maps.events?.valueTypeId, 0);
  }
});

test('a reader gives records as the object describes them', needsLoading(), async () => {
  using collection = await Collection.load(fixture('events.el.clang19.o'));
  const { maps, programs } = collection;
  assert.ok(maps.events && maps.samples);
  using reader = RingBuffer.open(maps.events);
  using samples = PerfBuffer.open(maps.samples);
  programs.report?.testRun({ data: new Uint8Array(64) });
  const expected = [{ kind: 'KIND_SECOND', length: 64 - ETHERNET, name: 'packet' }];
  assert.deepEqual(reader.take(), expected);
  assert.deepEqual(samples.take(), expected);
});
