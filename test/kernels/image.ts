/**
 * Collects what goes into the machine: busybox, Node with its libraries, the built project, and the packages it
 * imports.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Entry, writeCpio } from './cpio.ts';

const PROJECT = 'ebpf-ts';
/** Development packages that tests import. Their run-time dependencies are found and need no entry here. */
const TEST_PACKAGES = ['fast-check'];
/** The parts of the project that the machine needs. */
const PARTS = [
  'dist/src',
  'dist/lib',
  'dist/test',
  'dist/tools',
  'dist/native',
  'dist/examples',
  'test/fixtures',
  'examples/bpf',
];

/**
 * Programs that tests start. They are copied from this machine, so they are the same as in `npm test`. busybox stands
 * in for those that are missing, and has everything else. Its programs differ in details.
 */
const TOOLS = [
  ...[
    'sh',
    'bash',
    'env',
    'true',
    'false',
    'echo',
    'cat',
    'ls',
    'head',
    'tail',
    'grep',
    'sed',
    'awk',
    'od',
    'wc',
  ],
  ...[
    'id',
    'stat',
    'readlink',
    'touch',
    'mkdir',
    'rm',
    'sleep',
    'kill',
    'ps',
    'timeout',
    'setsid',
    'setpriv',
    'capsh',
  ],
  ...['mount', 'umount', 'unshare', 'nsenter', 'ip', 'tc'],
];

/** Prepares what the tests need, runs them, and then switches the machine off. */
const INIT = `#!/bin/busybox sh
for name in $(/bin/busybox --list); do
  [ -e /bin/$name ] || /bin/busybox ln -s busybox /bin/$name
done
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /tmp
mount -t tmpfs tmpfs /run
mount -t bpf bpf /sys/fs/bpf
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mount -t debugfs debugfs /sys/kernel/debug
mount -t tracefs tracefs /sys/kernel/tracing
for module in /modules/*.ko; do [ -e "$module" ] && insmod "$module"; done
ip link set lo up
stty -F /dev/ttyS1 raw -echo
cd /${PROJECT}
export EBPF_TS_OWN_MACHINE=1 HOME=/root PATH=/bin TMPDIR=/tmp NODE_DISABLE_COLORS=1
# Machine code that an engine makes has to be translated again by the emulator: without it tests need a fifth less time.
export NODE_OPTIONS=--jitless NODE_COMPILE_CACHE=/dev/shm/compiled
node dist/test/kernels/guest.js FILE_TIMEOUT </dev/null
poweroff -f
`;

/** The programs of {@link TOOLS} that this machine has. */
function tools(): { name: string; file: string }[] {
  const folders = (process.env.PATH ?? '').split(':').concat('/usr/sbin', '/sbin');
  return TOOLS.flatMap((name) => {
    const file = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
    return file === undefined ? [] : [{ name, file: realpathSync(file) }];
  });
}

/** The shared libraries of a program, including the loader, at the paths where the program looks for them. */
function libraries(program: string): string[] {
  const { stdout } = spawnSync('ldd', [program], { encoding: 'utf8' });
  return [...(stdout ?? '').matchAll(/(\/\S+) \(0x/g)].map((match) => match[1] ?? '');
}

function fileEntry(path: string, from: string): Entry {
  return { path, kind: 'file', from, executable: (statSync(from).mode & 0o100) !== 0 };
}

function tree(from: string, path: string, skip: RegExp): Entry[] {
  if (!existsSync(from)) return [];
  return readdirSync(from, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile() && !skip.test(item.name))
    .map((item) => join(item.parentPath, item.name))
    .map((file) => fileEntry(path + file.slice(from.length), file));
}

/** The folders in node_modules of the project's dependencies, of the test packages, and of all that they need. */
function packageFolders(project: string): string[] {
  const dependencies = (folder: string): string[] => {
    const manifest: unknown = JSON.parse(readFileSync(join(project, folder, 'package.json'), 'utf8'));
    const named = manifest instanceof Object && 'dependencies' in manifest ? manifest.dependencies : {};
    return Object.keys(named ?? {}).map((name) => `node_modules/${name}`);
  };
  const found = new Set<string>();
  const queue = [...dependencies(''), ...TEST_PACKAGES.map((name) => `node_modules/${name}`)];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    if (found.has(folder) || !existsSync(join(project, folder))) continue;
    found.add(folder);
    queue.push(...dependencies(folder));
  }
  return [...found];
}

function projectEntries(project: string): Entry[] {
  const skip = /\.d\.[cm]?ts$|\.map$/;
  return [
    fileEntry(`${PROJECT}/package.json`, join(project, 'package.json')),
    ...PARTS.flatMap((part) => tree(join(project, part), `${PROJECT}/${part}`, skip)),
    ...packageFolders(project).flatMap((folder) =>
      tree(join(project, folder), `${PROJECT}/${folder}`, /\.d\.[cm]?ts$|\.map$|\.md$/),
    ),
  ];
}

/**
 * The kernel's modules that tests look for, in the order of loading: one with functions, after those that it needs; and
 * those of traffic control.
 */
const MODULES = [
  ...['libcrc32c', 'nf_defrag_ipv4', 'nf_defrag_ipv6', 'nf_conntrack'],
  ...['sch_ingress', 'cls_bpf', 'veth'],
];

/**
 * Finds the modules below a folder with the package's files. Unpacks them, because the kernel takes them only
 * uncompressed. Missing ones are left out.
 */
function modules(package_: string, scratch: string): Entry[] {
  const files = readdirSync(package_, { recursive: true, encoding: 'utf8' });
  return MODULES.flatMap((name, index) => {
    const found = files.find((file) => [`${name}.ko`, `${name}.ko.xz`].includes(basename(file)));
    if (found === undefined) return [];
    const path = `modules/${index}-${name}.ko`;
    const from = join(package_, found);
    if (!found.endsWith('.xz')) return [{ path, kind: 'file', from }];
    const { status, stdout } = spawnSync('xz', ['-dc', from], { maxBuffer: 1 << 28 });
    if (status !== 0) throw new Error(`Cannot unpack ${from}`);
    const copy = `${scratch}.${name}.ko`;
    writeFileSync(copy, stdout);
    return [{ path, kind: 'file', from: copy }];
  });
}

/** The kernel's build options, if its package has them. */
function buildOptions(package_: string): Entry[] {
  const folder = join(package_, 'boot');
  const files = existsSync(folder) ? readdirSync(folder) : [];
  return files
    .filter((name) => name.startsWith('config-'))
    .map((name) => fileEntry(`boot/${name}`, join(folder, name)));
}

/** What goes into an image in addition to the project. */
export interface ImageOptions {
  readonly busybox: string;
  /** The Node that runs the tests. */
  readonly node: string;
  /** The folder of the kernel's package, which may have modules and build options. */
  readonly kernel: string;
  /** Milliseconds that one test file may take. */
  readonly fileTimeout: number;
}

/** Writes the initial file system. It may create other files whose names begin with the name of this file. */
export function writeImage(file: string, project: string, options: ImageOptions): void {
  const { busybox, node, kernel, fileTimeout } = options;
  const native = join(project, 'dist/native');
  const found = tools();
  const programs = [
    ...[node, ...found.map((tool) => tool.file)],
    ...tree(native, native, /\.map$/).map((entry) => entry.path),
  ];
  const shared = new Set(programs.flatMap(libraries));
  writeCpio(file, [
    { path: 'init', kind: 'text', text: INIT.replace('FILE_TIMEOUT', String(fileTimeout)), executable: true },
    { path: 'bin/busybox', kind: 'file', from: busybox, executable: true },
    { path: 'bin/node', kind: 'file', from: node, executable: true },
    ...found.map(
      ({ name, file }): Entry => ({ path: `bin/${name}`, kind: 'file', from: file, executable: true }),
    ),
    { path: 'dev/console', kind: 'device', major: 5, minor: 1 },
    { path: 'usr/bin', kind: 'link', target: '/bin' },
    {
      path: 'etc/passwd',
      kind: 'text',
      text: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n',
    },
    { path: 'etc/group', kind: 'text', text: 'root:x:0:\nnogroup:x:65534:\n' },
    { path: 'etc/hostname', kind: 'text', text: 'kernel-test\n' },
    ...['proc', 'sys', 'tmp', 'run', 'root', 'mnt'].map((path): Entry => ({ path, kind: 'directory' })),
    ...[...shared].map((from) => fileEntry(from.slice(1), from)),
    ...modules(kernel, file),
    ...buildOptions(kernel),
    ...projectEntries(project),
  ]);
}
