/**
 * A loop that only looks at mapped memory. It has the shape that JavaScriptCore compiles to a single look: it uses
 * constants of a module, calls nothing, and all values have one type.
 */
import { type ArrayMap, BpfMap, type MappedValues, Program, u32 } from 'ebpf-ts';
import { and, exit, fetchAdd, jne, label, loadMapValue, mov, r0, r6, r7 } from 'ebpf-ts/asm';
import { bpfAsync } from 'ebpf-ts/sys';

/** A tick comes once in this many runs of the program, so slowly that the loop is compiled while it looks. */
const SLOWNESS = 0xf_ffff;
const TICKS = 30;
const MANY = 1e9;

const makeMap = (): ArrayMap<number, number> =>
  BpfMap.create({ type: 'array', key: u32, value: u32, maxEntries: 1, flags: ['mmapable'] });
const runs = makeMap();
const ticks = makeMap();
const values: MappedValues<number> = ticks.mmap({ writable: false });

const looks = (): number => {
  const before = values.get(0);
  let count = 0;
  while (values.get(0) === before && count < MANY) count++;
  return count;
};

/** Runs the program, and returns how many of its changes the loop did not see. */
export async function unseenChanges(): Promise<number> {
  using program = Program.loadSync({
    type: 'sched_cls',
    license: 'GPL',
    instructions: [
      ...[loadMapValue(r6, runs, 0), mov(r7, 1), fetchAdd('u32', r6, 0, r7), and(r7, SLOWNESS)],
      ...[jne(r7, SLOWNESS, 'out'), mov(r7, 1), loadMapValue(r6, ticks, 0), fetchAdd('u32', r6, 0, r7)],
      ...[label('out'), mov(r0, 0), exit()],
    ],
  });
  const data = new Uint8Array(64);
  const running = bpfAsync('prog_test_run', {
    prog_fd: program.fd.value,
    data_in: data,
    data_size_in: data.length,
    repeat: (SLOWNESS + 1) * TICKS,
  });
  let unseen = 0;
  while (values.get(0) < TICKS - 1 && unseen === 0) if (looks() === MANY) unseen++;
  if ((await running) !== 0) throw new Error('the program did not run');
  values.close();
  for (const map of [runs, ticks]) map.close();
  return unseen;
}
