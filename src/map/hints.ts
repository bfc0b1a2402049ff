import { type Command, mapCreateFlags, mapUpdateFlags } from '../abi/index.ts';
import { hasSeccompFilter } from '../sys/index.ts';
import type { MapFacts } from './facts.ts';
import { INDEXED, KEYLESS, MAP_OF_MAPS } from './families.ts';

/** What is known about a map when a command on it has failed. */
export interface MapState extends MapFacts {
  /** Whether this object froze the map. */
  readonly frozen: boolean;
}

function full(map: MapState): string {
  if (INDEXED.has(map.type)) return `the index is beyond max_entries (${map.maxEntries})`;
  const what = map.type === 'queue' || map.type === 'stack' ? `the ${map.type}` : 'the map';
  return `${what} is full (max_entries ${map.maxEntries})`;
}

function forbidden(map: MapState, command: Command): string {
  const reads = /lookup|next_key/.test(command);
  if (reads && (map.flags & mapCreateFlags.wronly) !== 0) {
    return 'the map was made without the right to read (flag wronly)';
  }
  if (!reads && map.frozen) return 'the map is frozen';
  if (!reads && (map.flags & mapCreateFlags.rdonly) !== 0) {
    return 'the map was made read-only for user space (flag rdonly)';
  }
  const likely = reads
    ? 'the map was opened without the right to read'
    : 'the map is frozen, or was opened read-only';
  return hasSeccompFilter() === true
    ? `${likely}, or the seccomp filter of this process refuses bpf(2)`
    : likely;
}

function invalid(map: MapState, command: Command, flags: number): string {
  const sizes = `keys have ${map.keySize} bytes, values have ${map.valueSize}`;
  if (command === 'map_freeze') return 'this type of map cannot be frozen';
  if ((flags & mapUpdateFlags.lock) !== 0) {
    return 'the value has no struct bpf_spin_lock, which the option lock needs: the BTF of the map must describe one';
  }
  if (command.includes('delete') && INDEXED.has(map.type))
    return `entries of type ${map.type} cannot be deleted`;
  if (KEYLESS.has(map.type) && command !== 'map_update_elem') return `maps of type ${map.type} have no keys`;
  if (MAP_OF_MAPS.has(map.type))
    return 'the inner map must match the one that the outer map was created with';
  return `the kernel does not accept this key, value or flag (${sizes})`;
}

/** Returns a text that says what an errno means for this map, or the empty string. */
export function hintFor(map: MapState, command: Command, code: string, flags: number = 0): string {
  switch (code) {
    case 'E2BIG':
      return full(map);
    case 'EPERM':
      return forbidden(map, command);
    case 'EINVAL':
      return invalid(map, command, flags);
    case 'ENOTSUPP':
    case 'EOPNOTSUPP':
      return `maps of type ${map.type} have no ${command}`;
    case 'EBUSY':
      return command === 'map_freeze'
        ? 'the map is mapped writable, or is frozen already'
        : 'the entry is in use';
    case 'ENOMEM':
      return 'the kernel has no memory for the entry';
    case 'ENOENT':
      return 'there is no such entry';
    case 'EEXIST':
      return 'the entry already exists';
    case 'EBADF':
      return MAP_OF_MAPS.has(map.type) ? 'the inner map is closed' : 'a descriptor in the entry is not open';
    default:
      return '';
  }
}
