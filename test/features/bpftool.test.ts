/** bpftool is the judge: this library finds what bpftool finds, and does not claim to find what bpftool misses. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { mapTypes, programTypes } from '../../src/abi/index.ts';
import { type Answer, type Feature, haveFeature, probeAll } from '../../src/features/index.ts';
import { findBpftool } from '../btf/bpftool.ts';
import { needsRoot } from './privileges.ts';

interface Found {
  readonly program_types: { readonly [key: string]: boolean };
  readonly map_types: { readonly [key: string]: boolean };
  readonly helpers: { readonly [key: string]: readonly string[] };
  readonly misc: { readonly [key: string]: boolean };
}

const bpftool = findBpftool();
const options = bpftool === undefined ? { skip: 'bpftool is not installed' } : needsRoot();

function found(): Found {
  const [command = '', ...args] = bpftool ?? [];
  const { stdout, stderr, status } = spawnSync(command, [...args, 'feature', 'probe', '-j'], {
    encoding: 'utf8',
    maxBuffer: 1 << 24,
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout) as Found;
}

/** Some kernels let nobody load programs of these types. bpftool then calls the types missing. */
const REFUSED: ReadonlySet<string> = new Set(['tracing', 'lsm', 'ext']);

test('map and program types', options, async () => {
  const theirs = found();
  const ours = await probeAll();
  let compared = 0;
  for (const type of programTypes.names) {
    const their = theirs.program_types[`have_${type}_prog_type`];
    if (their === undefined || type === 'unspec') continue;
    const { answer } = ours.programTypes[type];
    if (their || !REFUSED.has(type)) assert.equal(answer, their ? 'yes' : 'no', `program type ${type}`);
    compared++;
  }
  for (const type of mapTypes.names) {
    const their = theirs.map_types[`have_${type}_map_type`];
    if (their === undefined || type === 'unspec') continue;
    assert.equal(ours.mapTypes[type].answer, their ? 'yes' : 'no', `map type ${type}`);
    compared++;
  }
  assert.ok(compared > 55, `${compared} types compared`);
});

/** For these types, this library tries more attach types and flags than bpftool. */
const MORE: ReadonlySet<string> = new Set(['cgroup_sock', 'cgroup_sock_addr', 'cgroup_sockopt', 'kprobe']);

test('helpers', options, async () => {
  const theirs = found();
  const { helpers } = await probeAll({ helpers: true });
  assert.ok(helpers);
  let compared = 0;
  for (const type of programTypes.names) {
    const list = theirs.helpers[`${type}_available_helpers`];
    // For some types bpftool cannot find out, and lists no helpers.
    if (type === 'unspec' || !Array.isArray(list) || list.length === 0) continue;
    const available = new Set(list.map((name) => name.replace(/^bpf_/, '')));
    const ours: readonly (readonly [string, Answer])[] = Object.entries(helpers[type]);
    for (const [helper, { answer }] of ours) {
      const what: string = `helper ${helper} of ${type}: ${answer}`;
      if (available.has(helper)) assert.equal(answer, 'yes', what);
      else if (!MORE.has(type)) assert.notEqual(answer, 'yes', what);
      compared++;
    }
  }
  assert.ok(compared > 4000, `${compared} helpers compared`);
});

test('other features', options, () => {
  const { misc } = found();
  const names: { readonly [theirs: string]: Feature } = {
    have_large_insn_limit: 'large_programs',
    have_bounded_loops: 'bounded_loops',
    have_v2_isa_extension: 'isa_v2',
    have_v3_isa_extension: 'isa_v3',
    have_v4_isa_extension: 'isa_v4',
  };
  for (const [theirs, ours] of Object.entries(names)) {
    if (misc[theirs] === undefined) continue;
    for (const options of [{}, { btf: 'off' }] as const) {
      assert.equal(haveFeature(ours, options).answer, misc[theirs] ? 'yes' : 'no', ours);
    }
  }
});
