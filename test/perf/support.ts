import {
  and,
  call,
  exit,
  ldx,
  loadImm64,
  loadMap,
  loadMapValue,
  mov,
  r1,
  r2,
  r3,
  r4,
  r5,
  r6,
  r7,
  stx,
} from '../../src/asm/index.ts';
import { bytes, u32 } from '../../src/bytes/codec/index.ts';
import { BpfMap, type PerfEventArrayMap } from '../../src/map/index.ts';
import { Program } from '../../src/program/index.ts';
import { possibleCpus } from '../../src/sys/index.ts';

export { needsRoot } from '../needs.ts';

/** BPF_F_CURRENT_CPU */
const CURRENT_CPU = 0xffff_ffffn;
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
      loadMapValue(r4, scratch, 0),
      stx('u64', r4, 0, r7),
      ldx('u64', r5, r6, 8),
      and(r5, LONGEST),
      mov(r1, r6),
      loadMap(r2, map),
      loadImm64(r3, CURRENT_CPU),
      call('perf_event_output'),
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
