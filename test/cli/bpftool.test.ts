import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { kernelHasTokens } from '../../src/token/index.ts';
import { runWith, unpackedDebian } from '../../tools/debian.ts';
import { isRoot } from '../needs.ts';
import { socketFilterObject } from './elf-object.ts';
import { type Ended, ebpfTs } from './run.ts';

const folder = unpackedDebian({ suite: 'sid', packages: ['bpftool'] });

function obstacle(): string | false {
  if (!isRoot() || kernelHasTokens() !== true) return 'needs root in the initial user namespace, and tokens';
  if (folder === undefined)
    return 'bpftool is not in the cache: "node dist/tools/debian.js sid bpftool" gets it';
  return false;
}

function objectFile(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'ebpf-ts-bpftool-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, 'filter.o');
  writeFileSync(path, socketFilterObject());
  return path;
}

/** Loads the object with libbpf, and lists what it pinned. libbpf looks for a token at /sys/fs/bpf by itself. */
function load(object: string, lists: readonly string[]): Promise<Ended> {
  const words = ['prog', 'load', object, '/sys/fs/bpf/filter', 'pinmaps', '/sys/fs/bpf/maps'];
  const command = runWith(folder ?? '', 'bpftool', words);
  const script = '"$@" && ls -d /sys/fs/bpf/filter /sys/fs/bpf/maps/*';
  return ebpfTs(['token', 'run', ...lists, '--', 'sh', '-c', script, 'sh', ...command]);
}

const NEEDED = {
  cmds: 'map_create,prog_load,btf_load',
  maps: 'array',
  progs: 'socket_filter',
  attachs: 'cgroup_inet_ingress',
};
const listsOf = (delegation: Readonly<Record<string, string>>): string[] =>
  Object.entries(delegation).flatMap(([kind, list]) => [`--${kind}`, list]);

test('bpftool creates a map and loads a program with the token of token run', {
  skip: obstacle(),
}, async (t) => {
  const object = objectFile(t);
  const { status, stdout, stderr } = await load(object, listsOf(NEEDED));
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^\/sys\/fs\/bpf\/filter\n\/sys\/fs\/bpf\/maps\/\w*data\n$/);
});

test('and with less than it needs it does not', { skip: obstacle() }, async (t) => {
  const object = objectFile(t);
  for (const kind of ['maps', 'progs'] as const) {
    const { status, stderr } = await load(object, listsOf({ ...NEEDED, [kind]: '' }));
    assert.notEqual(status, 0, `without ${kind}`);
    assert.match(stderr, /EPERM|Operation not permitted|-1/, stderr);
  }
});
