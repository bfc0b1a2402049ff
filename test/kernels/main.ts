/**
 * Boots the kernels of kernels.ts in an emulator, and runs those built tests on each that depend on the kernel.
 *
 *     npm run test:kernels -- [--kernel NAME]... [--jobs N] [--minutes N] [--verbose] [-- PATH...]
 *
 * A PATH names a test file or folder below test/ to run instead. Everything needed (the kernels, QEMU, busybox) is
 * unpacked from Debian into the cache folder, and Node comes from npm. Nothing is installed.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { unpackDebian } from '../../tools/debian.ts';
import { pack } from '../../tools/pack.ts';
import { fetchRuntime, type Runtime, runtimes } from '../../tools/runtimes.ts';
import { markedTests } from '../../tools/test-marks.ts';
import { checkMatrix, checkReport } from './expectations.ts';
import { writeImage } from './image.ts';
import { kernelFile, kernelFolder } from './kernel-file.ts';
import { type Kernel, kernels } from './kernels.ts';
import type { Report } from './report.ts';
import { Share } from './share.ts';

const MINUTE = 60_000;
/** The time for one test file. The slowest one takes one minute on an idle machine. */
const FILE_MINUTES = 10;
/**
 * A second machine for the same kernel starts only if this many files are waiting. Its boot takes as long as a few of
 * them.
 */
const WORTH_A_BOOT = 6;
const testRoot = join(dirname(fileURLToPath(import.meta.url)), '..');
const project = join(testRoot, '..', '..');

function usage(problem: string): never {
  console.error(
    `${problem}\nusage: npm run test:kernels -- [--kernel NAME]… [--jobs N] [--minutes N] [--verbose] [-- PATH…]`,
  );
  process.exit(2);
}

function options(): {
  chosen: readonly Kernel[];
  paths: string[];
  jobs: number;
  minutes: number;
  verbose: boolean;
} {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      kernel: { type: 'string', multiple: true },
      jobs: { type: 'string', default: String(availableParallelism()) },
      minutes: { type: 'string', default: '60' },
      verbose: { type: 'boolean', default: false },
    },
  });
  const known = kernels.map((kernel) => kernel.name);
  for (const name of values.kernel ?? []) {
    if (!known.includes(name)) usage(`unknown kernel "${name}": there are ${known.join(', ')}`);
  }
  const [jobs, minutes] = [Number(values.jobs), Number(values.minutes)];
  if (!(jobs >= 1 && minutes > 0)) usage('--jobs and --minutes take numbers');
  return {
    chosen: kernels.filter((kernel) => values.kernel?.includes(kernel.name) ?? true),
    paths: positionals.map((path) => path.replace(/^(dist\/)?test\//, '').replace(/\.ts$/, '.js')),
    jobs,
    minutes,
    verbose: values.verbose,
  };
}

/** The built test files that a path names, whatever marks they have. */
function testFiles(paths: readonly string[]): string[] {
  const files = readdirSync(testRoot, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.js') && paths.some((path) => file.startsWith(path)))
    .sort();
  if (files.length === 0) usage(`no built test matches ${paths.join(', ')}: run "npm run build" first`);
  return files;
}

const { chosen, paths, jobs, minutes, verbose } = options();
const named = paths.length > 0 ? testFiles(paths) : undefined;
const scratch = mkdtempSync(join(tmpdir(), 'ebpf-ts-kernels-'));
process.once('exit', () => rmSync(scratch, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const emulator = await unpackDebian({ suite: 'trixie', packages: ['qemu-system-x86'], into: 'qemu' });
const busybox = await unpackDebian({
  suite: 'trixie',
  packages: ['busybox-static'],
  only: /^busybox/,
  into: 'busybox',
});

// Newer versions of Node start in a third of the time that the oldest one takes.
const node = await fetchRuntime(runtimes.find(({ name }) => name === 'node-24') as Runtime);

// Tests the package as users get it, where a process loads far fewer files than there are modules. All kernels test the
// same copy, whatever happens to the build meanwhile. The newest kernel comes first, because it has the most to do.
const packed = pack(join(scratch, 'packed'));
const limits = {
  readyWithin: 1.5 * MINUTE,
  doneWithin: minutes * MINUTE,
  eventWithin: (FILE_MINUTES + 2) * MINUTE,
};
const shares: Share[] = [];
for (const kernel of [...chosen].reverse()) {
  const image = join(scratch, kernel.name);
  const folder = await kernelFolder(kernel);
  const from = { busybox: join(busybox, 'usr/bin/busybox'), node, kernel: folder };
  writeImage(image, packed, { ...from, fileTimeout: FILE_MINUTES * MINUTE });
  const files = named ?? markedTests(project, kernel.marks);
  const boot = { emulator, kernel: await kernelFile(kernel), image, ...limits };
  shares.push(new Share({ ...boot, release: kernel, files, verbose }));
}

/** The next share without a machine. If there is none: the share with the most to do, if that is worth another boot. */
function nextShare(): Share | undefined {
  const [most] = shares
    .filter(({ waiting }) => waiting >= WORTH_A_BOOT)
    .sort((a, b) => b.waiting - a.waiting);
  return shares.find(({ begun }) => !begun) ?? most;
}
async function worker(): Promise<void> {
  for (let share = nextShare(); share !== undefined; share = nextShare()) {
    await share.work();
    if (share.machines > 0) continue;
    checkReport(share.report, share.kernel);
    share.report.printSummary();
  }
}
await Promise.all(Array.from({ length: jobs }, worker));
const reports = shares.map(({ report }) => report);

const lost = chosen.length === kernels.length && paths.length === 0 ? checkMatrix(reports) : 0;
const sum = (count: (report: Report) => number): number => reports.reduce((all, one) => all + count(one), 0);
const failed = sum((report) => report.failed) + lost;
console.log(
  `${sum((one) => one.count('pass'))} passed, ${failed} failed, ${sum((one) => one.count('skip'))} skipped`,
);
// Not process.exit(), which would lose output that a pipe has not taken yet.
if (failed > 0) process.exitCode = 1;
