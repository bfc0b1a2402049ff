// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { PerfBuffer } from '../../src/perf/index.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { perfMap } from '../perf/support.ts';
import { needsRoot, ring } from '../ringbuf/support.ts';
import { numberedWriter } from './support.ts';

function openRing() {
  const map = ring(65_536);
  return { map, reader: RingBuffer.open(map) };
}

function openPerf() {
  const map = perfMap();
  return { map, reader: PerfBuffer.open(map) };
}

for (const [kind, open] of [
  ['ring buffer', openRing],
  ['perf buffer', openPerf],
] as const) {
  const setUp = () => {
    const { map, reader } = open();
    const writer = numberedWriter(map);
    return {
      reader,
      writer,
      [Symbol.dispose]() {
        reader.close();
        writer[Symbol.dispose]();
        map.close();
      },
    };
  };

  test(`${kind}: a loop waits and reads in place`, needsRoot(), async () => {
    using ready = setUp();
    const { reader, writer } = ready;
    const seen: number[] = [];
    const loop = (async () => {
      while (await reader.wait()) {
        reader.readInPlace((view, offset) => void seen.push(view.getUint32(offset, true)));
        if (seen.length === 30) return 'all';
      }
      return 'closed';
    })();
    for (let round = 0; round < 3; round++) {
      await setImmediate();
      writer.fill(10);
    }
    assert.equal(await loop, 'all');
    assert.deepEqual(
      seen,
      Array.from({ length: 30 }, (_, index) => index),
    );
  });

  test(`${kind}: waiting reads nothing`, needsRoot(), async () => {
    using ready = setUp();
    const { reader, writer } = ready;
    writer.fill(2);
    assert.equal(await reader.wait(), true);
    assert.equal(await reader.wait(), true, 'still there');
    assert.equal(reader.records.received, 0);
    assert.equal(reader.take().length, 2);
  });

  test(`${kind}: closing and signals end a wait`, needsRoot(), async () => {
    using ready = setUp();
    const { reader, writer } = ready;
    const control = new AbortController();
    const aborted = reader.wait({ signal: control.signal });
    await assert.rejects(reader.wait(), { code: 'ERR_BPF_IN_USE' });
    await setImmediate();
    control.abort();
    assert.equal(await aborted, false);
    assert.equal(await reader.wait({ signal: control.signal }), false, 'aborted before');
    const again = reader.wait({ signal: new AbortController().signal });
    writer.fill(1);
    assert.equal(await again, true, 'another wait goes on');
    reader.take();
    const closed = reader.wait();
    await setImmediate();
    reader.close();
    assert.equal(await closed, false);
    await assert.rejects(reader.wait(), { name: 'ClosedError' });
  });

  test(`${kind}: wrong options are refused`, needsRoot(), async () => {
    using ready = setUp();
    await assert.rejects(
      ready.reader.wait({ signl: 1 } as never),
      /^TypeError: wait: unknown option "signl"/,
    );
    await assert.rejects(ready.reader.wait({ signal: 1 } as never), /^TypeError: wait: signal/);
  });
}
