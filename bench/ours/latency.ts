/** How long a record that another process writes takes to reach a reader that waits. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { BpfMap } from 'ebpf-ts';
import { RingBuffer } from 'ebpf-ts/ringbuf';
import type { Contender } from './serve.ts';

const RING_BYTES = 1 << 24;

/**
 * @param program - writes the records, with the time at their start (bench/peers/c/records.h)
 * @param share - which of the sorted latencies is the result: 0.5 is the median
 */
export async function latency(program: string, share: number): Promise<Contender> {
  const map = BpfMap.create({ type: 'ringbuf', maxEntries: RING_BYTES });
  const reader = RingBuffer.open(map);
  const { stdin, stdout } = spawn(program, ['ring-tick', `${map.info().id}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface({ input: stdout });
  const [ready] = await once(answers, 'line');
  if (ready !== 'ready') throw new Error(ready);
  return {
    async measure(count) {
      const latencies: number[] = [];
      stdin.write(`${count}\n`);
      await reader.run((record) => {
        const sent = new DataView(record.buffer, record.byteOffset).getBigUint64(0, true);
        return latencies.push(Number(process.hrtime.bigint() - sent)) < count;
      });
      latencies.sort((one, other) => one - other);
      // The harness divides by the number of operations.
      return (latencies[Math.floor((count - 1) * share)] as number) * count;
    },
  };
}
