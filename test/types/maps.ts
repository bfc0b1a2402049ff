import { BpfMap, u32, u64 } from 'ebpf-ts';

export function hash(): void {
  using map = BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 1 });
  const value: bigint | undefined = map.get(1);
  map.set(1, value ?? 0n);
  // @ts-expect-error: values of u64 are bigints
  map.set(1, 1);
  // @ts-expect-error: keys of u32 are numbers
  map.get(1n);
}
