import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { getCapabilities, inInitialUserNamespace } from '../../src/sys/index.ts';
import { fixture, stripped } from '../collection/fixture.ts';
import { needsLoading } from '../collection/needs.ts';
import { skip } from '../testing/support.ts';
import { cli, ebpfTs } from './run.ts';

const tiny = fixture('tiny.el.clang19.o');
const variables = fixture('variables.el.clang19.o');
const values = fixture('values.el.clang19.o');

interface Loaded {
  readonly maps: readonly { readonly name: string; readonly id: number; readonly type: string }[];
  readonly programs: readonly Readonly<Record<string, unknown>>[];
}

test('inspect shows an object as JSON', async () => {
  const { stdout, stderr, status } = await ebpfTs(['inspect', tiny, '--json']);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.deepEqual(JSON.parse(stdout), {
    file: tiny,
    license: 'GPL',
    littleEndian: true,
    maps: [
      ...[
        {
          name: 'counter',
          type: 'array',
          keySize: 4,
          valueSize: 8,
          maxEntries: 1,
          flags: 0,
          pinning: 'none',
        },
      ],
    ],
    programs: [
      {
        ...{ name: 'count', section: 'socket', type: 'socket_filter', attachType: null, attachTo: null },
        ...{ instructions: 13, optional: false },
      },
    ],
    ...{ functions: [], variables: [], externs: [], unsetPointers: [], coreRelocations: [] },
  });
});

test('inspect shows flags of maps as the kernel’s number', async () => {
  const { stdout } = await ebpfTs(['inspect', fixture('map-types.el.clang19.o'), '--json']);
  const { maps } = JSON.parse(stdout) as { readonly maps: readonly { name: string; flags: number }[] };
  assert.equal(maps.find(({ name }) => name === 'on_a_node')?.flags, 4);
  const text = await ebpfTs(['inspect', fixture('map-types.el.clang19.o')]);
  assert.match(text.stdout, /^ *on_a_node .* numa_node$/m);
});

test('inspect shows objects as text, and needs neither kernel nor privilege', async (t) => {
  for (const name of ['variables.eb.clang14.o', 'externs.el.clang14.o', 'core-kernel.eb.clang19.o']) {
    const { stdout, status } = await ebpfTs(['inspect', fixture(name)]);
    assert.equal(status, 0);
    assert.match(stdout, /^Maps\n {2}\S/);
    assert.match(stdout, /^Programs\n {2}\S/m);
  }
  if (process.getuid?.() !== 0 || getCapabilities().effective === 0n)
    return t.skip('needs root to become nobody');
  const { status, stderr, error } = spawnSync(process.execPath, [cli, 'inspect', tiny], {
    uid: 65534,
    gid: 65534,
    encoding: 'utf8',
  });
  if (/EACCES|MODULE_NOT_FOUND/.test(error?.message ?? stderr))
    return t.skip('nobody may not read this folder');
  assert.equal(status, 0, stderr);
});

test('pointers that get no value are shown, and told of when they are loaded', needsLoading(), async () => {
  const pointers = fixture('pointers.el.clang19.o');
  const shown = await ebpfTs(['inspect', pointers]);
  assert.match(shown.stdout, /^Pointers that get no value\n {2}name +\.data\+8 +to \.rodata\.str1\.1\n/m);
  const { stdout, stderr, status } = await ebpfTs(['load', pointers]);
  assert.equal(status, 0);
  assert.match(stdout, /^Programs\n {2}look/m);
  assert.deepEqual(stderr.trimEnd().split('\n'), [
    `warning: ${pointers}: the pointer to .rodata.str1.1 in variable "name" (.data+8) gets no value`,
    `warning: ${pointers}: the pointer to table in variable "record" (.data+24) gets no value`,
    `warning: ${pointers}: the pointer to add in variable "record" (.data+32) gets no value`,
    `warning: ${pointers}: the pointer to .rodata.str1.1 in variable "names" (.rodata+0) gets no value`,
    `warning: ${pointers}: the pointer to .rodata.str1.1 in variable "names" (.rodata+8) gets no value`,
  ]);
});

test('an object that was stripped of its symbols is no empty one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ebpf-ts-'));
  try {
    const file = join(folder, 'stripped.o');
    writeFileSync(file, stripped('tiny.el.clang19.o'));
    for (const command of ['inspect', 'load']) {
      const { stdout, stderr, status } = await ebpfTs([command, file]);
      assert.deepEqual([stdout, status], ['', 1], command);
      assert.ok(stderr.startsWith(`error: ${file}: its symbol table was stripped`), stderr);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('inspect says what is wrong with a file', async () => {
  const { stderr, status } = await ebpfTs(['inspect', process.execPath]);
  assert.equal(status, 1);
  assert.match(stderr, /machine is \d+, expected 247 \(BPF\)/);
});

test('input without an end is refused by how it begins', async () => {
  const elf = /^error: \/dev\/zero, ELF header, offset 0: it is not an ELF file/;
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [['inspect'], elf],
    [['load'], elf],
    [['load', tiny, '--target-btf'], /^error: \/dev\/zero, \.BTF, offset 0: magic 0x0 is not BTF/],
    [['btf', 'dump'], /^error: \/dev\/zero, \.BTF, offset 0: magic 0x0 is not BTF/],
    [['btf', 'dump', tiny, '--base'], /^error: \/dev\/zero, \.BTF, offset 0: magic 0x0 is not BTF/],
  ];
  for (const [command, message] of rows) {
    const { stdout, stderr, status } = await ebpfTs([...command, '/dev/zero']);
    assert.match(stderr, message, command.join(' '));
    assert.deepEqual([stdout, status], ['', 1], command.join(' '));
  }
});

test('objects and types come through pipes too', () => {
  for (const command of ['inspect', 'btf dump']) {
    const script = `cat "$2" | "$0" "$1" ${command} /dev/stdin`;
    const words = ['-c', script, process.execPath, cli, tiny];
    const { stdout, stderr, status } = spawnSync('sh', words, { encoding: 'utf8' });
    assert.deepEqual([stderr, status], ['', 0], command);
    assert.match(stdout, /counter/, command);
  }
});

test('what an object does not have is said', needsLoading(), async () => {
  const inspected = await ebpfTs(['inspect', values]);
  assert.match(inspected.stdout, /^Programs\n {2}none\n/m);
  const loaded = await ebpfTs(['load', values]);
  assert.deepEqual([loaded.stderr, loaded.status], ['', 0]);
  assert.match(loaded.stdout, /^Programs\n {2}none\n/m);
  const { stdout } = await ebpfTs(['load', variables]);
  assert.match(stdout, /^Optional programs, not loaded \(see --program\)\n {2}optional\n/m);
  const all = await ebpfTs(['load', variables, '--all-programs']);
  assert.doesNotMatch(all.stdout, /not loaded/);
});

test('load shows what came of it', needsLoading(), async () => {
  const { stdout, stderr, status } = await ebpfTs(['load', tiny, '--json']);
  assert.equal(stderr, '');
  assert.equal(status, 0);
  const { maps, programs } = JSON.parse(stdout) as Loaded;
  assert.deepEqual(
    maps.map(({ name, type }) => [name, type]),
    [['counter', 'array']],
  );
  const [program = {}] = programs;
  assert.deepEqual(Object.keys(program), [
    ...['name', 'id', 'type', 'tag', 'xlatedSize', 'jitedSize', 'verifiedInstructions'],
  ]);
  assert.match(String(program.tag), /^[0-9a-f]{16}$/);
  const text = await ebpfTs([
    'load',
    variables,
    '--all-programs',
    '--set',
    'version=5',
    '--set',
    'table=[1,2,3,4]',
  ]);
  assert.equal(text.status, 0, text.stderr);
  assert.match(text.stdout, /optional +socket_filter +id \d+/);
});

test('load explains what it refuses', needsLoading(), async () => {
  const targets = fixture('targets.el.clang19.o');
  const rows: readonly (readonly [readonly string[], number, RegExp])[] = [
    [[variables, '--set', 'versoin=1'], 2, /no variable of that name \(did you mean "version"\?\)/],
    [
      [tiny, '--program', 'cuont'],
      2,
      /--program cuont: .* no program of that name \(did you mean "count"\?\)/,
    ],
    [[variables, '--set', 'settings={"limit":1'], 2, /--set settings: .* is not JSON/],
    [[variables, '--set', 'table=[1,2]'], 1, /variable "table": expected exactly 4 elements, got 2/],
    [[tiny, '--pin', '/tmp/ebpf-ts-no-bpffs'], 1, /EPERM: \/tmp\/ebpf-ts-no-bpffs is not in a bpffs/],
    [[variables, '--set', 'version'], 2, /not of the form NAME=VALUE/],
    [[variables, '--set', 'version=1', '--set', 'version=2'], 2, /--set version: it is given twice/],
    [[variables, '--set', 'version=x'], 1, /variable "version"/],
    [[targets, '--program', 'nowhere'], 1, /targets\.el\.clang19\.o: Cannot load program/],
    [[variables, '--target-btf', '/nowhere'], 1, /Cannot read BTF \/nowhere: ENOENT/],
    [['/nowhere.o'], 1, /Cannot read object file \/nowhere\.o: ENOENT/],
  ];
  for (const [args, status, message] of rows) {
    const ended = await ebpfTs(['load', ...args]);
    assert.equal(ended.status, status, ended.stderr);
    assert.match(ended.stderr, message);
    assert.equal(ended.stdout, '');
  }
  assert.equal(existsSync('/tmp/ebpf-ts-no-bpffs'), false, 'the folder is taken away again');
});

test('values of every kind are set from the command line', needsLoading(), async () => {
  const sets: readonly string[] = [
    ...['counter=0xffffffffffffffff', 'on=false', 'plain=PLAIN_ONE', 'huge=HUGE_SMALL', 'tiny=2'],
    'nested={"kind":1,"word":7,"x":1,"deep":5,"named":{"inside":2},"either":{"whole":"18446744073709551615"}}',
  ];
  for (const set of sets) {
    const { status, stderr } = await ebpfTs(['load', values, '--set', set]);
    assert.equal(status, 0, `${set}: ${stderr}`);
  }
});

test('pins of a load, and what is in their way', { skip: skip || !inInitialUserNamespace() }, async () => {
  const rights = ['--cmds', 'any', '--maps', 'any', '--progs', 'any', '--attachs', 'any'];
  const script = `
    const { spawnSync } = require('node:child_process');
    const run = (...args) => spawnSync(process.execPath, [${JSON.stringify(cli)}, ...args], { encoding: 'utf8' });
    const first = run('load', ${JSON.stringify(tiny)}, '--pin', '/sys/fs/bpf/a');
    const second = run('load', ${JSON.stringify(tiny)}, '--pin', '/sys/fs/bpf/a');
    const fresh = run('load', ${JSON.stringify(tiny)}, '--pin', '/sys/fs/bpf/no/b');
    const pins = require('node:fs').readdirSync('/sys/fs/bpf/a').sort();
    console.log(JSON.stringify({ first: first.status, second: [second.status, second.stderr], pins,
      fresh: [fresh.status, fresh.stderr] }));`;
  const { stdout, stderr } = await ebpfTs(['token', 'run', ...rights, '--', process.execPath, '-e', script]);
  assert.notEqual(stdout, '', stderr);
  assert.deepEqual(JSON.parse(stdout), {
    first: 0,
    second: [
      1,
      'error: Cannot pin map "counter" at /sys/fs/bpf/a/counter: EEXIST: the path already exists\n',
    ],
    pins: ['count', 'counter'],
    fresh: [
      1,
      'error: Cannot make the folder /sys/fs/bpf/no/b for pins: ENOENT: there is no folder /sys/fs/bpf/no\n',
    ],
  });
});

test('load under a token', { skip: skip || !inInitialUserNamespace() }, async () => {
  const run = (delegation: readonly string[], command: readonly string[]): ReturnType<typeof ebpfTs> =>
    ebpfTs(['token', 'run', ...delegation, '--', process.execPath, cli, ...command]);
  const needed = ['--cmds', 'map_create,prog_load,btf_load', '--maps', 'array'];
  const rights = [...needed, '--progs', 'socket_filter', '--attachs', 'cgroup_inet_ingress'];
  const loaded = await run(rights, ['load', tiny, '--json', '--pin', '/sys/fs/bpf/tiny']);
  assert.equal(loaded.status, 0, loaded.stderr);
  assert.equal((JSON.parse(loaded.stdout) as Loaded).maps[0]?.name, 'counter');
  const refused = await run(
    [...needed, '--progs', 'xdp', '--attachs', 'cgroup_inet_ingress'],
    ['load', tiny],
  );
  assert.equal(refused.status, 1);
  assert.match(
    refused.stderr,
    /Cannot load program "count" \(socket_filter\): EPERM: .*add socket_filter to delegate_progs/,
  );
});

test('types may come from a file', needsLoading(), async () => {
  for (const types of ['/sys/kernel/btf/vmlinux', tiny]) {
    const { status, stderr } = await ebpfTs(['load', tiny, '--target-btf', types]);
    assert.equal(status, 0, stderr);
  }
});
