/**
 * `node dist/examples/execve.js`: prints every program that starts on this machine, until you interrupt it. Needs
 * CAP_BPF and CAP_PERFMON in the initial user namespace, tracefs, and Linux >= 5.15.
 */
import { fileURLToPath } from 'node:url';
import { Collection, string, struct, u32 } from 'ebpf-ts';
import { attachTracepoint } from 'ebpf-ts/link';
import { RingBuffer } from 'ebpf-ts/ringbuf';

const object = fileURLToPath(new URL('../../examples/bpf/execve.bpf.o', import.meta.url));

using collection = await Collection.load(object);
const { events } = collection.maps;
const { on_execve: program } = collection.programs;
const { lost } = collection.variables;
if (events === undefined || program === undefined)
  throw new Error(`${object} is not the one of this example`);

using reader = RingBuffer.open(events, {
  // The C struct event.
  value: struct({ pid: u32, uid: u32, comm: string(16), file: string(128) }),
});
using _link = attachTracepoint(program, { category: 'syscalls', name: 'sys_enter_execve' });
console.log('waiting for programs to be started; Ctrl-C ends');

process.once('SIGINT', () => reader.close());
for await (const { pid, uid, comm, file } of reader) {
  console.log(`pid ${pid} uid ${uid} ${comm} -> ${file}`);
}
if (lost?.get() !== 0n) console.log(`${lost?.get()} events did not fit the ring`);
