// `import()`, which every CommonJS module can use. The types need their own import.
type Counters = import('ebpf-ts', { with: { 'resolution-mode': 'import' }}).BpfMap<number, bigint>;

async function count(): Promise<Counters> {
  const { BpfMap, u32, u64 } = await import('ebpf-ts');
  const { call } = await import('ebpf-ts/asm');
  call('map_lookup_elem');
  // @ts-expect-error: no such helper
  call('map_look_up');
  return BpfMap.create({ type: 'hash', key: u32, value: u64, maxEntries: 1 });
}
void count;
