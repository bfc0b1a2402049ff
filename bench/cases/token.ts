/** Creating maps, with and without a token. */

import { spawnWithToken } from '../../src/testing/index.ts';
import type { BenchCase } from '../harness/case.ts';
import { counted } from '../harness/counted.ts';
import type { Spawn } from '../harness/session.ts';
import { fresh, ours, peers, type Start, served } from './contenders.ts';

/** Runs a process with everything delegated, and with CAP_BPF. */
const underToken: Spawn = (file, args, options) =>
  spawnWithToken(file, args, { ...options, delegation: 'any' });
const freshUnderToken: Start = (argv) => fresh(argv, underToken);
const countedUnderToken: Start = (argv) => counted(argv, underToken);
const countedFirst: Start = (argv) => counted(argv, underToken, 0);
const servedUnderToken: Start = (argv) => served(argv, underToken);
const countedPlain: Start = (argv) => counted(argv);

export const tokenCases: readonly BenchCase[] = [
  {
    name: 'map-create',
    title: 'creating and closing a hash map, without tokens',
    operation: 'map',
    unit: 'time',
    count: 500,
    rounds: 25,
    warmup: 3,
    base: 'floor',
    entrants: async () => [
      ours('map-create', { start: served }),
      ...(await peers(['floor', 'libbpf', 'cilium'], 'map-create')),
    ],
    targets: [],
  },
  {
    name: 'map-create-calls',
    title: 'system calls for creating and closing a map with a cached token',
    operation: 'map',
    unit: 'calls',
    count: 10,
    rounds: 3,
    warmup: 0,
    base: 'ours-without',
    entrants: async () => [
      ours('map-create', { title: 'ebpf-ts, cached token', start: countedUnderToken }),
      ours('map-create', { id: 'ours-without', title: 'ebpf-ts, no token', start: countedPlain }),
      ...(await peers(['floor'], 'map-create', { start: countedPlain })),
      ...(await peers(['cilium'], 'map-create', { start: countedUnderToken })),
    ],
    targets: [{ text: 'no system call more than without a token', of: 'ours-without', times: 1 }],
  },
  {
    name: 'map-create-first',
    title: 'the first map of a process under a token, finding the token included',
    operation: 'map',
    unit: 'time',
    count: 1,
    rounds: 15,
    warmup: 0,
    base: 'cilium',
    entrants: async () => [
      ours('map-create', { start: freshUnderToken }),
      ours('map-create-forgotten', {
        id: 'ours-warm',
        title: 'ebpf-ts, tokens forgotten, code warm',
        start: servedUnderToken,
      }),
      ours('map-create-bare', {
        id: 'node-floor',
        title: 'bare bpf(2) in Node',
        start: freshUnderToken,
      }),
      ...(await peers(['floor', 'cilium'], 'map-create-first', { start: freshUnderToken })),
    ],
    targets: [{ text: 'faster than cilium/ebpf', of: 'cilium', times: 1 }],
  },
  {
    name: 'map-create-first-calls',
    title: 'system calls for the first map of a process under a token',
    operation: 'map',
    unit: 'calls',
    count: 1,
    rounds: 3,
    warmup: 0,
    base: 'cilium',
    entrants: async () => [
      ours('map-create', { start: countedFirst }),
      ...(await peers(['floor', 'cilium'], 'map-create-first', { start: countedFirst })),
    ],
    targets: [],
  },
];
