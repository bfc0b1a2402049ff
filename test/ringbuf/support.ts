import * as asm from '../../src/asm/index.ts';
import {
  type AsmItem,
  add,
  call,
  exit,
  jeq,
  jne,
  label,
  ldx,
  loadMap,
  mov,
  r0,
  r1,
  r2,
  r3,
  r4,
  r6,
  r7,
  r8,
  r10,
  stx,
} from '../../src/asm/index.ts';
import { BpfMap, type RingMap } from '../../src/map/index.ts';
import { Program } from '../../src/program/index.ts';
import { bpfAsync, kernelBtf } from '../../src/sys/index.ts';
import { outputToRing } from '../write-records.ts';

export { needsRoot } from '../needs.ts';

/** BPF_RB_NO_WAKEUP, a flag of ringbuf_output and ringbuf_submit. */
export const NO_WAKEUP = 1;

export function ring(maxEntries = 4096): RingMap {
  return BpfMap.create({ type: 'ringbuf', name: 'events', maxEntries });
}

/** Whether the kernel has rings that overwrite unread records. */
export function hasOverwriting(): boolean {
  const { members = [] } = kernelBtf().byName('bpf_ringbuf', 'struct') ?? {};
  return members.some(({ name }) => name === 'overwrite_mode');
}

/** Copies the first 16 bytes of the packet to the stack, at r10 -16. */
const loadPacket: AsmItem[] = [mov(r2, 0), mov(r3, r10), add(r3, -16), mov(r4, 16), call('skb_load_bytes')];

/** A program that writes the first bytes of its packet as a record. */
export function writer(map: BpfMap, size: 8 | 16, flags = 0): Program {
  return Program.loadSync({
    type: 'sched_cls',
    name: 'writer',
    license: 'GPL',
    instructions: [...loadPacket, ...outputToRing(asm, map, { data: -16, size }, flags), exit()],
  });
}

/**
 * A program that reserves a record of 8 bytes, works for a while, and submits it with the packet's first 8 bytes. It
 * discards the record if the next byte is not zero. `work` counts rounds of a loop.
 */
export function reserver(map: BpfMap, work = 0): Program {
  return Program.loadSync({
    type: 'sched_cls',
    name: 'reserver',
    license: 'GPL',
    instructions: [
      ...loadPacket,
      loadMap(r1, map),
      mov(r2, 8),
      mov(r3, 0),
      call('ringbuf_reserve'),
      jeq(r0, 0, 'full'),
      mov(r6, r0),
      mov(r8, work),
      label('again'),
      jeq(r8, 0, 'done'),
      add(r8, -1),
      call('ktime_get_ns'),
      jne(r0, 0, 'again'),
      label('done'),
      ldx('u64', r7, r10, -16),
      stx('u64', r6, 0, r7),
      ldx('u8', r7, r10, -8),
      mov(r1, r6),
      mov(r2, 0),
      jne(r7, 0, 'discard'),
      call('ringbuf_submit'),
      mov(r0, 1),
      exit(),
      label('discard'),
      call('ringbuf_discard'),
      mov(r0, 2),
      exit(),
      label('full'),
      mov(r0, 0),
      exit(),
    ],
  });
}

/** A packet that starts with a number; `ninth` is the byte after it. */
export function packet(value: bigint, ninth = 0): Uint8Array {
  const bytes = new Uint8Array(64);
  new DataView(bytes.buffer).setBigUint64(0, value, true);
  bytes[8] = ninth;
  return bytes;
}

/** Runs a program many times on a separate thread. */
export async function runAside(program: Program, data: Uint8Array, repeat: number): Promise<void> {
  const result = await bpfAsync('prog_test_run', {
    prog_fd: program.fd.value,
    data_in: data,
    data_size_in: data.length,
    repeat,
  });
  if (result < 0) throw new Error(`prog_test_run: ${result}`);
}
