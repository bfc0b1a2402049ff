/**
 * `node dist/examples/fentry-latency.js FUNCTION`: measures how long a kernel function takes, until you interrupt it.
 * Then it prints a histogram. Needs CAP_BPF, CAP_PERFMON, and Linux >= 5.5 with function tracing.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Collection, CollectionSpec } from 'ebpf-ts';

const object = fileURLToPath(new URL('../../examples/bpf/fentry-latency.bpf.o', import.meta.url));

const [name = 'do_nanosleep'] = process.argv.slice(2);
// You can change what an object file says before you load it. Here it is the function to attach to.
const spec = await CollectionSpec.load(object);
for (const program of Object.values(spec.programs)) program.attachTo = name;
using collection = await Collection.load(spec);
const { histogram } = collection.variables;
if (histogram === undefined) throw new Error(`${object} is not the one of this example`);
using _links = collection.attach();
console.log(`measuring ${name}; Ctrl-C ends`);

// A signal handler alone does not keep the process alive.
const alive = setInterval(() => {}, 2 ** 30);
await once(process, 'SIGINT');
clearInterval(alive);
const slots = histogram.get() as bigint[];
const most = Math.max(...slots.map(Number));
for (const [slot, calls] of slots.entries()) {
  if (calls === 0n) continue;
  const bar = '*'.repeat(Math.max(1, Math.round((Number(calls) * 40) / most)));
  console.log(`${String(2 ** slot).padStart(12)} ns ${String(calls).padStart(8)} ${bar}`);
}
