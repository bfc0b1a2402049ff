// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, u32 } from '../../../src/bytes/codec/index.ts';
import {
  attachIterator,
  attachRawTracepoint,
  type Link,
  readIterator,
  type StreamIteratorOptions,
  streamIterator,
} from '../../../src/link/index.ts';
import { BpfMap } from '../../../src/map/index.ts';
import { openDescriptors } from '../../../src/sys/index.ts';
import { counter, needsRoot } from '../support.ts';
import { iterator, writeTimes } from './iterator-support.ts';

/** An iterator that writes this text this many times. */
function textIterator(text: string, times: number): { link: Link; [Symbol.dispose](): void } {
  const value = Buffer.from(text);
  using map = BpfMap.create({ type: 'array', key: u32, value: bytes(value.length), maxEntries: 1 });
  map.set(0, value);
  using program = iterator('ksym', writeTimes(map, value.length, times));
  const link = attachIterator(program);
  return { link, [Symbol.dispose]: () => link.close() };
}

test('a stream gives the same bytes as one read, in parts', needsRoot(), async () => {
  using made = textIterator('0123456789abcdefghijk', 20_000);
  const { link } = made;
  const whole = readIterator(link);
  assert.equal(whole.length, 21 * 20_000);
  const before = openDescriptors().length;
  const stream = streamIterator(link);
  for (let round = 0; round < 2; round++) {
    const parts: Uint8Array[] = [];
    for await (const part of stream) parts.push(part);
    assert.ok(parts.length > 5);
    assert.ok(Buffer.concat(parts).equals(whole), 'parts may be kept');
  }
  assert.equal(openDescriptors().length, before);
});

test('the event loop turns while a stream is read', needsRoot(), async () => {
  using made = textIterator('0123456789abcdefghijk', 20_000);
  let turns = 0;
  let reading = true;
  const turn = (): void => {
    turns++;
    if (reading) setImmediate(turn);
  };
  turn();
  let parts = 0;
  for await (const _ of streamIterator(made.link)) parts++;
  reading = false;
  assert.ok(turns >= parts, `${turns} turns, ${parts} parts`);
});

test('lines come whole, whatever the parts cut, and the last one needs no end', needsRoot(), async () => {
  const times = 30_000;
  using made = textIterator('\u00e4\u20ac\ud83d\ude00\nx', times);
  const lines: string[] = [];
  for await (const line of streamIterator(made.link).lines()) lines.push(line);
  assert.equal(lines.length, times + 1);
  assert.equal(lines[0], '\u00e4\u20ac\ud83d\ude00');
  assert.deepEqual([...new Set(lines.slice(1, -1))], ['x\u00e4\u20ac\ud83d\ude00']);
  assert.equal(lines.at(-1), 'x');
  using closed = textIterator('\ufeffa\n\n', 1);
  const few: string[] = [];
  for await (const line of streamIterator(closed.link).lines()) few.push(line);
  assert.deepEqual(few, ['\ufeffa', '']);
});

test('leaving the loop, the signal and errors end the run', needsRoot(), async () => {
  using made = textIterator('0123456789\n', 50_000);
  const { link } = made;
  const before = openDescriptors().length;
  for await (const _ of streamIterator(link)) {
    assert.equal(openDescriptors().length, before + 1);
    break;
  }
  for await (const _ of streamIterator(link).lines()) break;
  assert.equal(openDescriptors().length, before);
  const stop = new AbortController();
  let parts = 0;
  for await (const _ of streamIterator(link, { signal: stop.signal })) {
    if (++parts === 2) stop.abort();
  }
  assert.equal(parts, 2);
  for await (const _ of streamIterator(link, { signal: stop.signal })) assert.fail('it was aborted before');
  assert.equal(openDescriptors().length, before);
  using runs = counter('raw_tracepoint');
  using other = attachRawTracepoint(runs.program, { name: 'sched_process_exec' });
  await assert.rejects(streamIterator(other)[Symbol.asyncIterator]().next(), {
    code: 'EINVAL',
    message: /EINVAL: it is not an iterator$/,
  });
  link.close();
  await assert.rejects(streamIterator(link)[Symbol.asyncIterator]().next(), { name: 'ClosedError' });
  assert.throws(() => streamIterator(link, { signal: 1 } as unknown as StreamIteratorOptions), TypeError);
  assert.throws(() => streamIterator(link, { size: 1 } as StreamIteratorOptions), /size/);
});
