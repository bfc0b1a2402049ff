/** Loading object files whose bytes are in memory. */
import { fileURLToPath } from 'node:url';
import type { BenchCase, Entrant } from '../harness/case.ts';
import { resident } from '../harness/session.ts';
import { fresh, ours, peers, type Start } from './contenders.ts';

const fixture = (name: string): string =>
  fileURLToPath(new URL(`../../../test/fixtures/compiled/${name}.el.clang19.o`, import.meta.url));
/** One map, one program, no relocation. */
const TINY = [fixture('tiny')];
/**
 * Two programs with 74 relocations. A third one is left out: it asks for the size of a type that no kernel has, and
 * cilium/ebpf refuses that.
 */
const LARGE = [fixture('core-kernel'), 'changing'];

async function contenders(args: readonly string[], start?: Start): Promise<Entrant[]> {
  const options = { args, ...(start === undefined ? {} : { start }) };
  return [ours('object-load', options), ...(await peers(['libbpf', 'cilium'], 'object-load', options))];
}

/** Whose part it is, the name of the part, and its title. */
const PARTS: readonly (readonly ['ours' | 'libbpf' | 'cilium', string, string])[] = [
  ['ours', 'reading', 'reading the object'],
  ['ours', 'indexing', 'reading and indexing the types of the kernel'],
  ['ours', 'candidates', 'candidate search'],
  ['ours', 'calls', 'system calls'],
  ['ours', 'rest', 'relocating and the rest'],
  ['libbpf', 'reading', 'reading the object'],
  ['libbpf', 'indexing', 'reading and indexing the types of the kernel'],
  ['libbpf', 'calls', 'system calls'],
  ['libbpf', 'rest', 'candidate search, relocating and the rest'],
  ['cilium', 'reading', 'reading the object'],
  ['cilium', 'indexing', 'reading and indexing the types of the kernel'],
  ['cilium', 'rest', 'candidate search, relocating, system calls and the rest'],
];

async function partEntrants(): Promise<Entrant[]> {
  const entrants: Entrant[] = [];
  for (const [who, part, title] of PARTS) {
    const options = { start: fresh, args: [...LARGE, part] };
    const made =
      who === 'ours' ? [ours('object-load-part', options)] : await peers([who], 'object-load-part', options);
    for (const entrant of made) {
      const name = `${entrant.name.split(',')[0]}: ${title}`;
      entrants.push({ ...entrant, id: `${entrant.id}-${part}`, name });
    }
  }
  const whole = await contenders(LARGE, fresh);
  return [...whole.map((entrant) => ({ ...entrant, name: `${entrant.name}, all of it` })), ...entrants];
}

const whole: Start = (argv) => resident(argv, false);
const grown: Start = (argv) => resident(argv, true);

export const loadCases: readonly BenchCase[] = [
  {
    name: 'load-tiny',
    title: 'an object of one map and one program, from bytes to loaded, again and again',
    operation: 'object',
    unit: 'time',
    count: 50,
    rounds: 25,
    warmup: 60,
    base: 'cilium',
    entrants: () => contenders(TINY),
    targets: [{ text: 'faster than cilium/ebpf', of: 'cilium', times: 1 }],
  },
  {
    name: 'load-core-first',
    title: 'an object of 74 CO-RE relocations, the first of a process',
    operation: 'object',
    unit: 'time',
    count: 1,
    rounds: 15,
    warmup: 0,
    base: 'libbpf',
    entrants: () => contenders(LARGE, fresh),
    targets: [
      { text: 'faster than cilium/ebpf', of: 'cilium', times: 1 },
      { text: 'within 1.5× of libbpf', of: 'libbpf', times: 1.5 },
    ],
  },
  {
    name: 'load-core-next',
    title: 'the same object again and again in one process',
    operation: 'object',
    unit: 'time',
    count: 5,
    rounds: 15,
    warmup: 5,
    base: 'libbpf',
    entrants: () => contenders(LARGE),
    targets: [{ text: 'faster than libbpf', of: 'libbpf', times: 1 }],
  },
  {
    name: 'load-core-parts',
    title: 'where the time of the first load goes; each row is a process of its own',
    operation: 'object',
    unit: 'time',
    count: 1,
    rounds: 9,
    warmup: 0,
    base: 'ours',
    entrants: partEntrants,
    targets: [],
  },
  {
    name: 'load-core-memory',
    title: 'resident memory of the process that has loaded it',
    operation: 'process',
    unit: 'bytes',
    count: 1,
    rounds: 5,
    warmup: 0,
    base: 'libbpf',
    entrants: () => contenders(LARGE, whole),
    targets: [],
  },
  {
    name: 'load-core-memory-grown',
    title: 'how much of it came with the load',
    operation: 'process',
    unit: 'bytes',
    count: 1,
    rounds: 5,
    warmup: 0,
    base: 'libbpf',
    entrants: () => contenders(LARGE, grown),
    targets: [],
  },
];
