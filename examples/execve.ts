/**
 * `node dist/examples/execve.js`: prints every program that starts on this machine, until you interrupt it. Needs
 * CAP_BPF and CAP_PERFMON in the initial user namespace, tracefs, and Linux >= 5.15.
 */
import { fileURLToPath } from 'node:url';
import { Collection, string, struct, u32 } from 'ebpf-ts';
import { RingBuffer } from 'ebpf-ts/ringbuf';

const object = fileURLToPath(new URL('../../examples/bpf/execve.bpf.o', import.meta.url));

using collection = await Collection.load(object);
const { lost } = collection.variables;

using reader = RingBuffer.open(collection.map('events', 'ringbuf'), {
  // The C struct event.
  value: struct({ pid: u32, uid: u32, comm: string(16), file: string(128) }),
});
using _links = collection.attach();
console.log('waiting for programs to be started; Ctrl-C ends');

process.once('SIGINT', () => reader.close());
for await (const { pid, uid, comm, file } of reader) {
  console.log(`pid ${pid} uid ${uid} ${comm} -> ${file}`);
}
if (lost?.get() !== 0n) console.log(`${lost?.get()} events did not fit the ring`);
