import { mapCreateFlags, mapFlagNames, NO_FLAGS } from '../../abi/index.ts';
import type { MapSpec } from './types.ts';

/** Whether maps of a type pass records from programs to readers, or the other way. */
export function isEventMap(type: MapSpec['type']): boolean {
  return type === 'ringbuf' || type === 'user_ringbuf' || type === 'perf_event_array';
}

type Required = 'name' | 'section' | 'type';

/** The spec of a map. What is not given has its default. */
export function newMapSpec(given: Pick<MapSpec, Required> & Partial<MapSpec>): MapSpec {
  return {
    keySize: 0,
    valueSize: 0,
    maxEntries: 0,
    flags: NO_FLAGS,
    mapExtra: 0n,
    numaNode: undefined,
    pinning: 'none',
    keyTypeId: 0,
    valueTypeId: 0,
    inner: undefined,
    entries: [],
    contents: undefined,
    frozen: false,
    structOps: undefined,
    ...given,
  };
}

/** Puts a word of flags into a description. The flag that says that a memory node was chosen goes to the node's field. */
export function setFlags(spec: MapSpec, bits: number): void {
  if ((bits & mapCreateFlags.numa_node) === 0 || bits >>> 0 !== bits) {
    spec.flags = mapFlagNames(bits);
    return;
  }
  spec.numaNode ??= 0;
  spec.flags = mapFlagNames((bits & ~mapCreateFlags.numa_node) >>> 0);
}
