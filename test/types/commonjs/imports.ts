// Plain imports, which TypeScript turns into `require`.
import { BpfMap, type Codec, u32, u64 } from 'ebpf-ts';
import { runWithToken } from 'ebpf-ts/testing';

export const key: Codec<number> = u32;

export function run(t: Parameters<typeof runWithToken>[0]): Promise<void> {
  return runWithToken(t, 'under a token', { cmds: ['map_create'], maps: ['hash'] }, () => {
    const map = BpfMap.create({ type: 'hash', key, value: u64, maxEntries: 1 });
    const value: bigint | undefined = map.get(1);
    // @ts-expect-error: values of u64 are bigints
    map.set(1, 1);
    map.close();
    return value;
  });
}
