// depends on: runtime
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernelBtf, namespaceInode, onlineCpus, possibleCpus } from '../../src/sys/index.ts';
import { fixture } from '../collection/fixture.ts';
import { needsRoot } from '../needs.ts';
import { needsOwnProc, runScript, shell } from './script.ts';

/**
 * The command that runs a script in a separate mount namespace, with an empty folder over another one. `more` are
 * further shell commands.
 */
const without = (place: string, more = ''): readonly string[] => [
  'unshare',
  '-m',
  ...shell(`mount -t tmpfs none ${place}; ${more} exec "$@"`),
];

const PER_CPU = `
  const counted = () => {
    const map = BpfMap.create({ type: 'percpu_array', key: u32, value: u32, maxEntries: 1 });
    map.set(0, sys.possibleCpus().map((cpu) => cpu + 1));
    return map.get(0);
  };`;
const EXTERN = `
  const { Collection, CollectionSpec } = await layer('collection');
  const load = (name) => {
    const spec = CollectionSpec.loadSync(${JSON.stringify(fixture('externs.el.clang19.o'))});
    for (const program of Object.values(spec.programs)) program.autoload = program.name === name;
    return Collection.loadSync(spec);
  };`;

const NO_PROC = 'no procfs is mounted at /proc: mount it there';
const NO_SYS = 'no sysfs is mounted at /sys: mount it there';

/** Like needsRoot, for tests that cover /proc. */
const needsWithoutProc = (): { skip: string | false } => ({ skip: needsOwnProc || needsRoot().skip });

test('without /sys the kernel is asked for CPUs and types', needsRoot(), () => {
  const [possible, online, values, types] = runScript(
    `${PER_CPU}
    print([sys.possibleCpus(), sys.onlineCpus(), counted(), kernelBtf().byName('task_struct', 'struct')?.id]);`,
    { before: without('/sys') },
  ) as unknown[];
  assert.deepEqual(possible, [...possibleCpus()]);
  assert.deepEqual(online, onlineCpus());
  assert.deepEqual(
    values,
    possibleCpus().map((cpu) => cpu + 1),
  );
  assert.equal(types, kernelBtf().byName('task_struct', 'struct')?.id);
});

test('without /sys and without rights the error says what is not mounted', needsRoot(), () => {
  const results = runScript(
    `
    sys.setCapabilities({ effective: 0n, permitted: 0n, inheritable: 0n });
    print([await outcome(() => sys.possibleCpus()), await outcome(() => kernelBtf())]);`,
    { before: without('/sys') },
  );
  assert.deepEqual(results, [
    `BpfError | ENOENT | Cannot count the possible CPUs: /sys/devices/system/cpu/possible cannot be read (ENOENT): ${NO_SYS}`,
    `BpfError | ENOENT | Cannot read kernel BTF: /sys/kernel/btf/vmlinux cannot be read (ENOENT): ${NO_SYS}`,
  ]);
});

test('a kernel without BTF is one whose /sys shows none', needsRoot(), () => {
  const [result] = runScript(
    `
    sys.setCapabilities({ effective: 0n, permitted: 0n, inheritable: 0n });
    print([await outcome(() => kernelBtf())]);`,
    { before: without('/sys/kernel/btf') },
  ) as string[];
  assert.equal(
    result,
    'NotSupportedError | ERR_BPF_NOT_SUPPORTED | Cannot read kernel BTF: there is no /sys/kernel/btf/vmlinux: the kernel needs CONFIG_DEBUG_INFO_BTF=y',
  );
});

test('without /proc maps, programs and per-CPU values work', needsWithoutProc(), () => {
  const results = runScript(
    `${PER_CPU}
    print([await outcome(hash), await outcome(filter), counted().length, sys.onlineCpus().length]);`,
    { before: without('/proc') },
  );
  assert.deepEqual(results, ['ok', 'ok', possibleCpus().length, onlineCpus().length]);
});

test(
  'without /proc the error of what only /proc tells says that it is not mounted',
  needsWithoutProc(),
  () => {
    const results = runScript(
      `
    print([
      await outcome(() => sys.readMountinfo()),
      await outcome(() => sys.readCapabilities()),
      await outcome(() => sys.kernelSymbols(['_stext'])),
      await outcome(() => sys.namespaceInode('user', 1)),
    ]);`,
      { before: without('/proc') },
    );
    const cannot = (action: string, path: string): string =>
      `BpfError | ENOENT | Cannot ${action}: ${path} cannot be read (ENOENT): ${NO_PROC}`;
    assert.deepEqual(results, [
      cannot('find out what is mounted', '/proc/self/mountinfo'),
      cannot('read all sets of capabilities', '/proc/self/status'),
      cannot('look up symbols of the kernel', '/proc/kallsyms'),
      cannot('find the user namespace of process 1', '/proc/1/ns/user'),
    ]);
  },
);

test('without /proc a symbol is not said to be missing', needsWithoutProc(), () => {
  const [strong] = runScript(`${EXTERN} print([await outcome(() => load('symbols'))]);`, {
    before: without('/proc'),
  }) as string[];
  assert.match(
    String(strong),
    /Cannot resolve extern "\w+" \(kernel variable\), which .*: Cannot look up symbols of the kernel: \/proc\/kallsyms cannot be read \(ENOENT\): no procfs is mounted at \/proc: mount it there$/,
  );
});

test('without /proc the kernel is asked for the namespaces of this process', needsWithoutProc(), () => {
  const results = runScript(
    `
    const asked = await outcome(() => sys.namespaceInode('user'));
    print(asked === 'ok' ? [asked, sys.inInitialUserNamespace(), sys.namespaceInode('net')] : [asked]);`,
    { before: without('/proc') },
  ) as unknown[];
  // Kernels before Linux 6.11 do not answer this.
  const refused = `BpfError | ENOENT | Cannot find the user namespace of process self: /proc/self/ns/user cannot be read (ENOENT): ${NO_PROC}`;
  const answered = results[0] === 'ok';
  assert.deepEqual(results, answered ? ['ok', true, namespaceInode('net')] : [refused]);
});
