import * as asm from '../../src/asm/index.ts';
import { and, exit, ldx, loadMapValue, mov, r1, r6, r7, r8, r9, stx } from '../../src/asm/index.ts';
import { bytes, u32 } from '../../src/bytes/codec/index.ts';
import { BpfMap, type PerfEventArrayMap } from '../../src/map/index.ts';
import { Program } from '../../src/program/index.ts';
import { possibleCpus } from '../../src/sys/index.ts';
import { outputToPerf } from '../write-records.ts';

export { needsRoot } from '../needs.ts';

/** BPF_F_TEST_RUN_ON_CPU */
const ON_CPU = 1;
/** The length of the longest record, in bytes. */
export const LONGEST = 4095;

export function perfMap(maxEntries: number = possibleCpus().length): PerfEventArrayMap<number, number> {
  return BpfMap.create({ type: 'perf_event_array', name: 'events', key: u32, value: u32, maxEntries });
}

export interface Writer {
  /** Writes a record that starts with a number, on one CPU. Returns whether there was room. */
  write(value: bigint, cpu?: number, length?: number): boolean;
  close(): void;
  [Symbol.dispose](): void;
}

/** A program that writes records. Its context gives the number that a record starts with, and the record's length. */
export function writer(map: BpfMap<number, number>): Writer {
  const scratch = BpfMap.create({
    type: 'array',
    name: 'scratch',
    key: u32,
    value: bytes(LONGEST + 1),
    maxEntries: 1,
  });
  // The content of a record after its number.
  scratch.set(
    0,
    Uint8Array.from({ length: LONGEST + 1 }, (_, index) => index % 251),
  );
  const program = Program.loadSync({
    type: 'raw_tracepoint',
    name: 'writer',
    license: 'GPL',
    instructions: [
      mov(r6, r1),
      ldx('u64', r7, r6, 0),
      loadMapValue(r8, scratch, 0),
      stx('u64', r8, 0, r7),
      ldx('u64', r9, r6, 8),
      and(r9, LONGEST),
      ...outputToPerf(asm, map, { data: r8, size: r9 }, r6),
      exit(),
    ],
  });
  const close = (): void => {
    program.close();
    scratch.close();
  };
  return {
    write(value: bigint, cpu = 0, length = 8): boolean {
      const context = new Uint8Array(new BigUint64Array([value, BigInt(length)]).buffer);
      return program.testRun({ context, flags: ON_CPU, cpu }).returnValue === 0;
    },
    close,
    [Symbol.dispose]: close,
  };
}
