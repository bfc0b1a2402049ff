// depends on: kernel, runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PerfBuffer } from '../../src/perf/index.ts';
import { RingBuffer } from '../../src/ringbuf/index.ts';
import { perfMap } from '../perf/support.ts';
import { needsRoot, packet, reserver, ring } from '../ringbuf/support.ts';
import { isRecord, LONGEST, sizedWriter } from './support.ts';

type Reader = RingBuffer | PerfBuffer;
/** Reads up to `limit` records, but no more than `there`, which are there. Returns copies of them. */
type Form = (reader: Reader, limit: number, there: number) => Uint8Array[] | Promise<Uint8Array[]>;

const gather = (read: (each: (record: Uint8Array) => unknown) => unknown): Uint8Array[] => {
  const records: Uint8Array[] = [];
  read((record) => records.push(record));
  return records;
};

const forms: Readonly<Record<string, Form>> = {
  read: (reader, limit) => gather((each) => reader.read(each, { limit })),
  readViews: (reader, limit) =>
    gather((each) => reader.readViews((record) => each(record.slice()), { limit })),
  readInPlace: (reader, limit) =>
    gather((each) =>
      reader.readInPlace(
        ({ buffer, byteOffset }, offset, length) =>
          each(new Uint8Array(buffer, byteOffset + offset, length).slice()),
        { limit },
      ),
    ),
  take: (reader, limit) => reader.take({ limit }),
  'read, ended by its callback': (reader, limit) =>
    gather((each) => {
      let count = 0;
      reader.read((record) => {
        each(record);
        return ++count < limit;
      });
    }),
  async batches(reader, limit, there) {
    if (there === 0) return [];
    for await (const records of reader.batches({ limit })) return records;
    return [];
  },
  async run(reader, limit, there) {
    const records: Uint8Array[] = [];
    const most = Math.min(limit, there);
    if (most > 0) await reader.run((record) => records.push(record) < most);
    return records;
  },
  async 'for await'(reader, limit, there) {
    const records: Uint8Array[] = [];
    const most = Math.min(limit, there);
    if (most === 0) return records;
    for await (const record of reader) if (records.push(record) === most) break;
    return records;
  },
};

const command = fc.oneof(
  fc.record({
    lengths: fc.array(fc.integer({ min: 8, max: LONGEST }), { minLength: 1, maxLength: 12 }),
    discard: fc.boolean(),
  }),
  fc.record({ form: fc.constantFrom(...Object.keys(forms)), limit: fc.integer({ min: 1, max: 20 }) }),
);

for (const kind of ['ring', 'perf'] as const) {
  test(`every form gives the same records, in any order of forms: ${kind}`, needsRoot(), async () => {
    using map = kind === 'ring' ? ring(4096) : perfMap();
    using writer = sizedWriter(map);
    using discarder = kind === 'ring' ? reserver(map as ReturnType<typeof ring>) : undefined;
    using reader: Reader =
      map.type === 'ringbuf' ? RingBuffer.open(map) : PerfBuffer.open(map, { bufferSize: 4096 });
    let next = 0;
    const waiting: { number: number; length: number }[] = [];
    // Records that were handed out stay as they are, whatever is written and read later.
    const kept: { record: Uint8Array; number: number; length: number }[] = [];
    const check = (records: readonly Uint8Array[]): void => {
      for (const record of records) {
        const { number, length } = waiting.shift() ?? { number: -1, length: 0 };
        assert.ok(isRecord(record, number, length, kind === 'perf'), `record ${number} of ${length} bytes`);
        kept.push({ record, number, length });
      }
    };
    await fc.assert(
      fc.asyncProperty(fc.array(command, { maxLength: 40 }), async (commands) => {
        for (const one of commands) {
          if ('lengths' in one) {
            for (const length of one.lengths) {
              if (one.discard) discarder?.testRun({ data: packet(1n, 1) });
              if (writer.write(next, length)) waiting.push({ number: next, length });
              next++;
            }
            continue;
          }
          const expected = Math.min(one.limit, waiting.length);
          const records = await (forms[one.form] as Form)(reader, one.limit, waiting.length);
          assert.equal(records.length, expected, one.form);
          check(records);
        }
        check(reader.take());
        assert.deepEqual([waiting.length, reader.available], [0, 0]);
        for (const { record, number, length } of kept.splice(0)) {
          assert.ok(isRecord(record, number, length, kind === 'perf'), 'still the same');
        }
      }),
      { numRuns: 60, ...(process.env.SEED === undefined ? {} : { seed: Number(process.env.SEED) }) },
    );
  });
}
