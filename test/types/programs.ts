import { type BpfMap, Program, type ProgramOptions } from 'ebpf-ts';
import { call, exit, type Instruction, jeq, label, loadMap, mov, r0, r1, st, w1 } from 'ebpf-ts/asm';

export function instructionsAreData(map: BpfMap): Instruction {
  // @ts-expect-error: no such helper
  call('map_lookup');
  // @ts-expect-error: both registers have the same width
  mov(r0, w1);
  // @ts-expect-error: no such size
  st('u128', r0, 0, 0);
  return loadMap(r1, map);
}

export async function programs(): Promise<void> {
  const instructions = [mov(r0, 7), jeq(r0, 0, 'out'), label('out'), exit()];
  const options: ProgramOptions = { type: 'socket_filter', instructions, name: undefined };
  using program = await Program.load(options);
  const { returnValue }: { returnValue: number } = program.testRun({ data: new Uint8Array(64) });
  using again = Program.loadSync({ ...options, type: 'xdp' });
  // @ts-expect-error: no such program type
  await Program.load({ type: 'socket', instructions });
  // @ts-expect-error: packets are bytes
  again.testRun({ data: `${returnValue}` });
}
