import type { MemoryMap } from '../sys/index.ts';
import type { MapCore } from './core.ts';

/** The memory of an arena in this process, and how many use it. */
interface ArenaMemory {
  memory: MemoryMap | undefined;
  users: number;
  /** Where the memory must be: programs know the address of the first mapping. 0 before the first mapping. */
  address: number;
}

const arenas = new WeakMap<MapCore, ArenaMemory>();

/**
 * Returns the memory of an arena, and counts one more user. The kernel allows one mapping of an arena in a process, at
 * one address (kernel/bpf/arena.c, arena_map_mmap), so all users share it.
 *
 * @param map - maps the memory at an address, or anywhere for 0
 */
export function shareArena(core: MapCore, map: (address: number) => MemoryMap): MemoryMap {
  const arena = arenas.get(core) ?? { memory: undefined, users: 0, address: Number(core.facts.extra) };
  arenas.set(core, arena);
  arena.memory ??= map(arena.address);
  arena.address = arena.memory.address;
  arena.users++;
  return arena.memory;
}

/** Counts one user less. Unmaps what {@link shareArena} returned after the last one. */
export function releaseArena(core: MapCore): void {
  const arena = arenas.get(core);
  if (arena === undefined || --arena.users > 0) return;
  arena.memory?.close();
  arena.memory = undefined;
}
