/**
 * Instructions that write a record, for programs of tests. They are made by the assembler that is given, because some
 * tests take it from the sources and others from the package.
 */
import type * as Assembler from '../src/asm/index.ts';

type Asm = Pick<
  typeof Assembler,
  'add' | 'call' | 'loadImm64' | 'loadMap' | 'mov' | 'r1' | 'r2' | 'r3' | 'r4' | 'r5' | 'r10'
>;
type Code = Assembler.AsmItem[];
type Map = Parameters<typeof Assembler.loadMap>[1];

/** Where the bytes of a record are: a register that points to them, or bytes from r10; and how many: a register too. */
export interface RecordBytes {
  readonly data: Assembler.Register64 | number;
  readonly size: Assembler.Register64 | number;
}

/** `BPF_F_CURRENT_CPU` */
const CURRENT_CPU = 0xffff_ffff;

function point({ add, mov, r10 }: Asm, register: Assembler.Register64, data: RecordBytes['data']): Code {
  return typeof data === 'number' ? [mov(register, r10), add(register, data)] : [mov(register, data)];
}

/** Writes a record to a ring buffer. Without `flags`, they are in r4. r0 is 0 if there was room. */
export function outputToRing(asm: Asm, map: Map, { data, size }: RecordBytes, flags?: number): Code {
  const { call, loadMap, mov, r1, r2, r3, r4 } = asm;
  return [
    loadMap(r1, map),
    ...point(asm, r2, data),
    mov(r3, size),
    ...(flags === undefined ? [] : [mov(r4, flags)]),
    call('ringbuf_output'),
  ];
}

/** Writes a record to the perf buffer of the CPU. `context` has what the program was called with. r0 is 0 if there was room. */
export function outputToPerf(
  asm: Asm,
  map: Map,
  { data, size }: RecordBytes,
  context: Assembler.Register64,
): Code {
  const { call, loadImm64, loadMap, mov, r1, r2, r3, r4, r5 } = asm;
  return [
    mov(r1, context),
    loadMap(r2, map),
    loadImm64(r3, CURRENT_CPU),
    ...point(asm, r4, data),
    mov(r5, size),
    call('perf_event_output'),
  ];
}
