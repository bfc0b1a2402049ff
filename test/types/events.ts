import { BpfMap, Program, type ProgramStream, string, struct, u32 } from 'ebpf-ts';
import { PerfBuffer, type EventReader as PerfReader } from 'ebpf-ts/perf';
import { type EventReader, RingBuffer, UserRingBuffer } from 'ebpf-ts/ringbuf';
import { parseTraceLine, readTracePipe, type TraceLine } from 'ebpf-ts/trace';

const event = struct({ pid: u32, comm: string(16) });

export async function records(): Promise<string[]> {
  using ring = BpfMap.create({ type: 'ringbuf', maxEntries: 4096 });
  using events = RingBuffer.open(ring, { value: event });
  const names: string[] = [];
  for await (const { comm } of events) names.push(comm);
  for await (const batch of events.batches()) names.push(...batch.map(({ comm }) => comm));
  // @ts-expect-error: the record has no such member
  for await (const { name } of events) names.push(name);
  return names;
}

export async function plainBytes(): Promise<number> {
  using ring = BpfMap.create({ type: 'ringbuf', maxEntries: 4096 });
  using cpus = BpfMap.create({ type: 'perf_event_array', key: u32, value: u32 });
  using events = RingBuffer.open(ring);
  using perf = PerfBuffer.open(cpus, { lost: (count, cpu) => console.warn(count, cpu) });
  // Both kinds have the same interface.
  const readers: (EventReader<Uint8Array> | PerfReader<Uint8Array>)[] = [events, perf];
  for (const reader of readers)
    for await (const { byteLength } of reader) return byteLength + (perf.cpu ?? 0);
  return 0;
}

export function writing(): void {
  using map = BpfMap.create({ type: 'user_ringbuf', maxEntries: 4096 });
  using commands = UserRingBuffer.open(map, { value: event });
  const stored: boolean = commands.write({ pid: 1, comm: 'a' });
  // @ts-expect-error: a member is missing
  commands.write({ pid: 1 });
  commands.reserve(8)?.discard();
  void stored;
}

export async function text(): Promise<string> {
  const { signal } = new AbortController();
  for await (const line of readTracePipe({ signal, tracefs: undefined })) {
    const parts: TraceLine | undefined = parseTraceLine(line);
    // @ts-expect-error: lines may have another form
    void parts.text;
    if (parts !== undefined) return parts.task + parts.pid.toFixed();
  }
  using program = Program.fromId(1);
  const stream: ProgramStream = program.streams.stdout;
  for await (const piece of program.streams.stderr) return piece.trim();
  for await (const line of stream.lines({ interval: 10, signal: undefined })) return line.trim();
  return stream.read();
}
