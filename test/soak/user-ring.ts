import { Collection } from '../../src/collection/index.ts';
import { UserRingBuffer } from '../../src/ringbuf/index.ts';
import { bpfAsync } from '../../src/sys/index.ts';
import { fixture } from '../collection/fixture.ts';
import { chance, Thrown, tolerate } from './checker.ts';
import type { Outcome } from './records.ts';

/** Tests a ring that this process writes in every possible way, while a program reads it on another thread. */
export async function soakUserRing(until: number): Promise<Outcome> {
  using collection = Collection.loadSync(fixture('commands.el.clang19.o'));
  const commands = collection.map('commands', 'user_ringbuf');
  const { drain } = collection.programs;
  const { sum, shorter } = collection.variables;
  const value = commands.records;
  if (!drain || !sum || !shorter || !value) throw new Error('the fixture lacks something');
  const problems: string[] = [];
  let during = (): void => {};
  const codec = {
    ...value,
    encode(view: DataView, offset: number, record: unknown): void {
      value.encode(view, offset, record);
      during();
    },
  };
  let writer = UserRingBuffer.open(commands, { value: codec });
  let expected = 0n;
  let count = 0;
  let opened = 1;
  const reopen = (): void => {
    writer.close();
    writer = UserRingBuffer.open(commands, { value: codec });
    opened++;
  };
  const next = (): { kind: number; weight: number; value: bigint } => ({
    kind: 0,
    weight: 1,
    value: BigInt(count + 1),
  });
  const counted = (): void => {
    count++;
    expected += BigInt(count);
  };
  const data = new Uint8Array(64);
  let over = false;
  const attr = { prog_fd: drain.fd.value, data_in: data, data_size_in: data.length };
  const draining = (async () => {
    while (!over) await bpfAsync('prog_test_run', { ...attr, repeat: 1 + chance(20) });
  })();
  const ways: (() => unknown)[] = [
    () => {
      for (let some = chance(300); some > 0 && writer.write(next()); some--) counted();
    },
    () => {
      const room = writer.reserve(value.size);
      if (room === undefined) return;
      if (chance(3) === 0) return room.discard();
      value.encode(new DataView(room.bytes.buffer, room.bytes.byteOffset), 0, next());
      room.submit();
      counted();
    },
    async () => {
      if (await writer.room(1 + chance(4000), { signal: AbortSignal.timeout(chance(5)) })) return;
    },
    // Discarded when the writer is closed.
    () => {
      writer.reserve(chance(100));
      reopen();
    },
    () => {
      during = () => {
        if (chance(2) === 0) throw new Thrown();
        writer.close();
      };
      try {
        if (writer.write(next())) problems.push('a record of a writer that was closed meanwhile was written');
      } catch (error) {
        if (!writer.closed) throw error;
      } finally {
        during = () => {};
        if (writer.closed) reopen();
      }
    },
    () => chance(5) === 0 && globalThis.gc?.(),
  ];
  while (performance.now() < until) await tolerate(ways[chance(ways.length)] ?? reopen);
  over = true;
  await draining;
  drain.testRun({ data });
  if (sum.get() !== expected) problems.push(`the program came to ${sum.get()}, not ${expected}`);
  if (shorter.get() !== 0) problems.push(`the program saw ${shorter.get()} records that are too short`);
  if (writer.available !== 0) problems.push(`${writer.available} bytes are left`);
  writer.close();
  return { counts: `${count} records, ${opened} openings`, problems };
}
