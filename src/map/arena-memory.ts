import type { MemoryMap } from '../sys/index.ts';
import type { MapCore } from './core.ts';

/** The memory of an arena in this process, and who uses it. */
interface ArenaMemory {
  memory: MemoryMap | undefined;
  users: number;
  /** Where it has to be: programs know the address of the first mapping. 0 before that. */
  address: number;
}

const arenas = new WeakMap<MapCore, ArenaMemory>();

/**
 * The memory of an arena. The kernel takes one mapping of it in a process, at one address (kernel/bpf/arena.c,
 * arena_map_mmap): so everybody shares that.
 *
 * @param map - maps it at an address, or anywhere for 0
 */
export function shareArena(core: MapCore, map: (address: number) => MemoryMap): MemoryMap {
  const arena = arenas.get(core) ?? { memory: undefined, users: 0, address: Number(core.facts.extra) };
  arenas.set(core, arena);
  arena.memory ??= map(arena.address);
  arena.address = arena.memory.address;
  arena.users++;
  return arena.memory;
}

/** What {@link shareArena} gave is not needed any more; unmapped when nobody needs it. */
export function releaseArena(core: MapCore): void {
  const arena = arenas.get(core);
  if (arena === undefined || --arena.users > 0) return;
  arena.memory?.close();
  arena.memory = undefined;
}
