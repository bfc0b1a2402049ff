/**
 * `node dist/examples/cgroup-connect.js CGROUP PORT...`: refuses TCP connections and connected UDP sockets to these
 * ports for all processes of a cgroup, until you interrupt it. Then it prints how many it refused. Needs CAP_BPF,
 * CAP_NET_ADMIN, a cgroup version 2 hierarchy, and Linux >= 5.7.
 */
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Collection } from 'ebpf-ts';

const object = fileURLToPath(new URL('../../examples/bpf/cgroup-connect.bpf.o', import.meta.url));

const [cgroup, ...ports] = process.argv.slice(2);
if (cgroup === undefined || ports.length === 0) {
  console.error('usage: cgroup-connect CGROUP PORT...');
  process.exit(2);
}
using collection = await Collection.load(object);
const refused = collection.map('refused', 'hash');
for (const port of ports) refused.set(Number(port), 0n);
using _links = collection.attach({ cgroup });
console.log(`refusing ${ports.join(', ')} in ${cgroup}; Ctrl-C ends`);

// A signal handler alone does not keep the process alive.
const alive = setInterval(() => {}, 2 ** 30);
await once(process, 'SIGINT');
clearInterval(alive);
for (const [port, attempts] of refused) console.log(`port ${port}: ${attempts} refused`);
