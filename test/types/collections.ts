import { type BpfMap, Collection, type CollectionOptions, CollectionSpec, type Program } from 'ebpf-ts';
import { attachPerfEvent, attachTracepoint, attachXdp, type Link } from 'ebpf-ts/link';

const options: CollectionOptions = { token: 'ambient', variables: { limit: 100 }, programs: 'all' };

export async function whatAFileHoldsMayBeMissing(): Promise<Link> {
  const spec = await CollectionSpec.load('counter.o');
  for (const map of Object.values(spec.maps)) {
    map.maxEntries = 4096;
    map.flags = [...map.flags, 'no_prealloc', 2 ** 20];
    // @ts-expect-error flags have names
    map.flags = 1;
  }
  for (const program of Object.values(spec.programs)) {
    program.flags = ['sleepable'];
    // @ts-expect-error a flag of maps
    program.flags = ['mmapable'];
  }
  using collection = await Collection.load(spec, options);
  for (const [name, program] of Object.entries(collection.programs)) console.log(name, program.info().id);
  const program: Program | undefined = collection.programs.count;
  const map: Pick<BpfMap, 'info' | 'fd'> | undefined = collection.maps.counter;
  if (!program || !map) throw new Error(`not there: ${Object.keys(collection.maps)}`);
  // @ts-expect-error: variables have get and set
  collection.variables.limit = 100;
  // @ts-expect-error: no such option
  await Collection.load(spec, { tokens: 'off' });
  // @ts-expect-error: the tracepoint's name is missing
  attachTracepoint(program, { category: 'syscalls' });
  for (const period of [1000, 1000n])
    attachPerfEvent(program, { event: 'cpu_clock', period, cookie: period });
  const { runCount, runTime } = program.info();
  console.log(runCount / 2, runTime / 2n);
  return attachXdp(program, { interface: 'eth0' });
}
