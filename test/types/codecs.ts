import { array, BpfMap, type Codec, type Infer, string, struct, u16be, u32, u64 } from 'ebpf-ts';

const flow = struct({ address: u32, port: u16be, names: array(string(16), 2) });
type Flow = Infer<typeof flow>;

const flowOf = (address: number): Flow => ({ address, port: 443, names: ['a', 'b'] });
// @ts-expect-error: a member is missing
const halfFlow: Flow = { address: 1, port: 1 };
// @ts-expect-error: u64 gives bigints
const wrongCodec: Codec<number> = u64;

export function keysAndValuesHaveTheTypesOfTheirCodecs(): void {
  using flows = BpfMap.create({ type: 'hash', key: flow, value: u64, maxEntries: 1 });
  const packets: bigint | undefined = flows.get(flowOf(1));
  flows.set(flowOf(1), (packets ?? 0n) + 1n);
  for (const [{ names }, value] of flows) names.map((name) => name.length).push(Number(value));
  // @ts-expect-error: values of u64 are bigints
  flows.set(flowOf(1), 1);
  // @ts-expect-error: a key has all members
  flows.get({ address: 1 });
  void [halfFlow, wrongCodec];
}

export function optionsAreChecked(): void {
  // @ts-expect-error: no such type
  BpfMap.create({ type: 'hashh', key: u32, value: u64, maxEntries: 1 });
  // @ts-expect-error: no such option
  BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 1, entries: 2 });
}
