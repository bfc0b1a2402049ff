import { BpfMap, Program, u32, u64 } from 'ebpf-ts';
import { add, atomicAdd, call, exit, jeq, label, loadMap, mov, r0, r1, r2, r10, st } from 'ebpf-ts/asm';

// A map from numbers to counters. If there is a BPF token, the library uses it. You pass nothing.
using hits = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 16 });
hits.set(7, 41n);

// A program that adds one to hits[7] and returns whether it was there.
using program = await Program.load({
  type: 'socket_filter',
  instructions: [
    st('u32', r10, -4, 7),
    loadMap(r1, hits),
    mov(r2, r10),
    add(r2, -4),
    call('map_lookup_elem'),
    jeq(r0, 0, 'out'),
    mov(r1, 1),
    atomicAdd('u64', r0, 0, r1),
    mov(r0, 1),
    label('out'),
    exit(),
  ],
});

const { returnValue } = program.testRun({ data: new Uint8Array(64) });
console.log(returnValue, hits.get(7)); // 1 42n
