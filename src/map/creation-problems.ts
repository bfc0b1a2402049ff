import { mapCreateFlags } from '../abi/index.ts';
import { pageSize } from '../sys/index.ts';
import type { MapFacts } from './facts.ts';
import { INDEXED, STORAGE } from './families.ts';
import { RINGS } from './ring-size.ts';

/** Types whose value is one descriptor or one index, 4 bytes long. */
const VALUE_OF_4: ReadonlySet<string> = new Set([
  'prog_array',
  'perf_event_array',
  'cgroup_array',
  'array_of_maps',
  'hash_of_maps',
  'xskmap',
]);
const NO_KEY: ReadonlySet<string> = new Set([
  'queue',
  'stack',
  'bloom_filter',
  'ringbuf',
  'user_ringbuf',
  'arena',
]);
const NO_VALUE: ReadonlySet<string> = new Set(['ringbuf', 'user_ringbuf', 'arena']);
/** Their key is a struct bpf_cgroup_storage_key (16 bytes) or only a cgroup id (8 bytes). */
const CGROUP_STORAGE: ReadonlySet<string> = new Set(['cgroup_storage', 'percpu_cgroup_storage']);
const KMALLOC_MAX = 1 << 22;
/** PCPU_MIN_UNIT_SIZE in include/linux/percpu.h. */
const PER_CPU_MAX = 32 << 10;

/**
 * Lists what the kernel is known to refuse with a plain EINVAL or E2BIG (kernel/bpf/*.c, the `map_alloc_check`s).
 * Called only after the kernel has refused, so that this library forbids nothing that some kernel allows.
 */
export function problemsOf(map: MapFacts): string[] {
  const problems: string[] = [];
  const must = (holds: boolean, text: string): void => {
    if (!holds) problems.push(text);
  };
  const { type } = map;
  const has = (flag: keyof typeof mapCreateFlags): boolean => (map.flags & mapCreateFlags[flag]) !== 0;
  if (NO_KEY.has(type)) must(map.keySize === 0, `maps of type ${type} have no key`);
  else must(map.keySize > 0, 'a key is needed');
  if (NO_VALUE.has(type)) must(map.valueSize === 0, `maps of type ${type} have no value`);
  else must(map.valueSize > 0, 'a value is needed');
  if (INDEXED.has(type) || STORAGE.has(type))
    must(map.keySize === 4, `the key must have 4 bytes, not ${map.keySize}`);
  if (VALUE_OF_4.has(type)) must(map.valueSize === 4, `the value must have 4 bytes, not ${map.valueSize}`);
  if (CGROUP_STORAGE.has(type))
    must(map.keySize === 8 || map.keySize === 16, 'the key must have 8 or 16 bytes');
  if (STORAGE.has(type) || CGROUP_STORAGE.has(type)) must(map.maxEntries === 0, 'max_entries must be 0');
  else must(map.maxEntries > 0, 'max_entries must be at least 1');
  if (RINGS.has(type)) {
    must(
      map.maxEntries % pageSize() === 0 && Number.isInteger(Math.log2(map.maxEntries)),
      `max_entries (${map.maxEntries}) must be a power of two and a multiple of the page size`,
    );
  }
  if (type === 'lpm_trie')
    must(map.keySize >= 5, 'the key must have a 4-byte prefix length and at least 1 byte');
  if (type === 'stack_trace') must(map.valueSize % 8 === 0, 'the value must be an array of 8-byte addresses');
  if (type.startsWith('percpu_') || type === 'lru_percpu_hash') {
    must(map.valueSize <= PER_CPU_MAX, `the value must have at most ${PER_CPU_MAX} bytes per CPU`);
  }
  must(map.keySize + map.valueSize < KMALLOC_MAX, 'key and value must have less than 4 MiB');
  must(!has('mmapable') || type === 'array' || type === 'arena', `maps of type ${type} cannot be mmapable`);
  must(!has('rb_overwrite') || type === 'ringbuf', `maps of type ${type} cannot overwrite (rb_overwrite)`);
  must(!(has('rdonly') && has('wronly')), 'the flags rdonly and wronly exclude each other');
  must(
    !(has('rdonly_prog') && has('wronly_prog')),
    'the flags rdonly_prog and wronly_prog exclude each other',
  );
  return problems;
}
