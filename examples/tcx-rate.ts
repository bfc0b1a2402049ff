/**
 * `node dist/examples/tcx-rate.js INTERFACE [MILLISECONDS]`: prints how much a network interface receives and sends,
 * until you interrupt it. Needs CAP_NET_ADMIN, and CAP_BPF or a BPF token, and Linux >= 6.6.
 */
import { setInterval } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Collection, type Variable } from 'ebpf-ts';

const object = fileURLToPath(new URL('../../examples/bpf/tcx-rate.bpf.o', import.meta.url));

interface Traffic {
  readonly packets: bigint;
  readonly bytes: bigint;
}

const [name = 'lo', milliseconds = '1000'] = process.argv.slice(2);
using collection = await Collection.load(object);
const { received, sent } = collection.variables;
if (received === undefined || sent === undefined) throw new Error(`${object} is not the one of this example`);
using _links = collection.attach({ interface: name });
console.log(`measuring ${name}; Ctrl-C ends`);

/** Returns a function that says how much has come since the last call. Reading a variable is only a memory access. */
function meter(variable: Variable): (seconds: number) => string {
  let before = variable.get() as Traffic;
  return (seconds) => {
    const now = variable.get() as Traffic;
    const rate = (key: keyof Traffic): string => (Number(now[key] - before[key]) / seconds).toFixed(0);
    const text = `${rate('packets')} packets/s ${rate('bytes')} bytes/s (${now.packets} packets)`;
    before = now;
    return text;
  };
}

const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
const meters = [meter(received), meter(sent)] as const;
let last = performance.now();
try {
  for await (const _ of setInterval(Number(milliseconds), undefined, { signal: interrupted.signal })) {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    last = now;
    console.log(`received ${meters[0](seconds)}, sent ${meters[1](seconds)}`);
  }
} catch (error) {
  if (!interrupted.signal.aborted) throw error;
}
