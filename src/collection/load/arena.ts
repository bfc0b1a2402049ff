import { mapCreateFlags } from '../../abi/index.ts';
import { BpfError } from '../../errors/index.ts';
import type { BpfMap } from '../../map/index.ts';
import { pageSize } from '../../sys/index.ts';
import type { MapSpec } from '../spec/types.ts';

/** Kernels before 7.0 let instructions refer to this much of a map (BPF_MAX_VAR_OFF). */
const REACH = 1 << 29;

/**
 * Where in an arena its global variables are: in the last pages, as libbpf has it, so that the first page, which is
 * what null pointers point to, stays free. Of arenas larger than what every kernel's instructions reach, in the first.
 *
 * @throws BpfError `ERR_BPF_LINK` when they do not fit
 */
export function arenaOffset(map: BpfMap, { name, contents, flags }: MapSpec): number {
  const size = map.maxEntries * pageSize();
  const needed = Math.ceil((contents?.length ?? 0) / pageSize()) * pageSize();
  const refuse = (problem: string): BpfError =>
    new BpfError(`Cannot place the variables of map "${name}" (arena): ${problem}`, { code: 'ERR_BPF_LINK' });
  if (needed > size) {
    throw refuse(`they take ${needed / pageSize()} pages, its max_entries is ${map.maxEntries}`);
  }
  if (needed > 0 && (flags & mapCreateFlags.segv_on_fault) !== 0) {
    throw refuse('only programs make its pages, as it has the flag segv_on_fault');
  }
  return size - needed < REACH ? size - needed : 0;
}
