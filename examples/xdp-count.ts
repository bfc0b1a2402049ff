/**
 * `node dist/examples/xdp-count.js INTERFACE [MILLISECONDS]`: counts the packets that arrive on a network interface, by
 * IP protocol, until you interrupt it. Needs CAP_NET_ADMIN, and CAP_BPF or a BPF token, and Linux >= 5.18.
 */
import { setInterval } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Collection } from 'ebpf-ts';

const object = fileURLToPath(new URL('../../examples/bpf/xdp-count.bpf.o', import.meta.url));
const NAMES: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  58: 'icmpv6',
  255: 'other',
};

interface Traffic {
  readonly packets: bigint;
  readonly bytes: bigint;
}

const [name = 'lo', milliseconds = '1000'] = process.argv.slice(2);
using collection = await Collection.load(object);
const map = collection.map('by_protocol', 'percpu_array');
using _links = collection.attach({ interface: name });
console.log(`counting on ${name}; Ctrl-C ends`);

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
try {
  for await (const _ of setInterval(Number(milliseconds), undefined, { signal: interrupted.signal })) {
    for (const [protocol, values] of map) {
      // One value for each CPU.
      const packets = (values as Traffic[]).reduce((sum, each) => sum + each.packets, 0n);
      const bytes = (values as Traffic[]).reduce((sum, each) => sum + each.bytes, 0n);
      const label = NAMES[Number(protocol)] ?? `protocol ${protocol}`;
      if (packets > 0n) console.log(`${label.padEnd(12)} ${packets} packets ${bytes} bytes`);
    }
  }
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
}
