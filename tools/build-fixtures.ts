/**
 * Compiles the sources of fixtures and examples with clang:
 *
 * - test/fixtures/*.c with two generations of clang for both byte orders, into
 *   test/fixtures/compiled/NAME.{el,eb}.{clang14,clang19}.o.
 * - The sources in a folder test/fixtures/NAME with the newer clang. bpftool links them into NAME.el.clang19.o.
 * - examples/bpf/NAME.bpf.c with the newer clang, into NAME.bpf.o beside it.
 *
 * `--check` compiles into a scratch folder, compares byte for byte, and counts. Names of fixtures limit the run.
 * Compilers and headers come from Debian, unpacked into the cache.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { runWith, type Suite, unpackDebian } from './debian.ts';

const SOURCES = 'test/fixtures';
const OUTPUT = 'test/fixtures/compiled';
const EXAMPLES = 'examples/bpf';

interface Compiler {
  readonly name: string;
  readonly version: number;
  readonly suite: Suite;
}

const COMPILERS: readonly Compiler[] = [
  { name: 'clang14', version: 14, suite: 'bookworm' },
  { name: 'clang19', version: 19, suite: 'trixie' },
];
const BYTE_ORDERS = ['el', 'eb'] as const;

/** The first line of a source may name more flags for the compiler: `// flags: -fcommon`. */
function flags(source: string): string[] {
  return /^\/\/ flags: (.*)$/m.exec(readFileSync(source, 'utf8'))?.[1]?.split(' ') ?? [];
}

interface Toolchain extends Compiler {
  readonly root: string;
  readonly headers: string;
  /** Headers of the newest libbpf. */
  readonly newerHeaders: string;
}

/** A first line of a source asks for the headers of the newest libbpf: `// headers: newer`. */
function wantsNewerHeaders(source: string): boolean {
  return /^\/\/ headers: newer$/m.test(readFileSync(source, 'utf8'));
}

/** The first line of a source may name compilers and byte orders that cannot compile it: `// not: clang14 eb`. */
function excluded(source: string): string[] {
  return /^\/\/ not: (.*)$/m.exec(readFileSync(source, 'utf8'))?.[1]?.split(' ') ?? [];
}

async function toolchain(compiler: Compiler): Promise<Toolchain> {
  const { suite, version } = compiler;
  const root = await unpackDebian({ suite, packages: [`clang-${version}`, `llvm-${version}`] });
  const headers = await unpackDebian({ suite: 'trixie', packages: ['libbpf-dev', 'linux-libc-dev'] });
  const newerHeaders = await unpackDebian({ suite: 'sid', packages: ['libbpf-dev'] });
  return { ...compiler, root, headers, newerHeaders };
}

function run(command: readonly string[]): void {
  const [program = '', ...args] = command;
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0)
    throw new Error(`Cannot build the fixtures: ${args.join(' ')} ended with status ${status}`);
}

function compile(tools: Toolchain, order: string, source: string, output: string): void {
  const { root, version } = tools;
  const headers = wantsNewerHeaders(source) ? tools.newerHeaders : tools.headers;
  const llvm = `usr/lib/llvm-${version}`;
  run(
    runWith(root, `${llvm}/bin/clang`, [
      ...['-target', `bpf${order}`, '-mcpu=v3', '-g', '-O2', '-Wall', '-Werror', '-Wno-unused-function'],
      // The compiler looks for its own headers next to the executed file, which is the loader here.
      ...['-resource-dir', join(root, llvm, 'lib/clang', version === 14 ? '14.0.6' : String(version))],
      ...['-nostdlibinc', '-isystem', join(headers, 'usr/include')],
      ...['-isystem', join(headers, 'usr/include/x86_64-linux-gnu')],
      // Keeps paths of this machine out of the output.
      `-ffile-prefix-map=${join(headers, 'usr/include')}=include`,
      ...[...flags(source), '-ffile-compilation-dir=.', '-c', '-o', output, source],
    ]),
  );
  run(runWith(root, `${llvm}/bin/llvm-strip`, ['-g', output]));
}

/** Compiles the sources of a folder and links the results. */
async function compileLinked(tools: Toolchain, order: string, folder: string, output: string): Promise<void> {
  const objects: string[] = [];
  for (const source of readdirSync(folder).sort()) {
    const object = join(scratch, `${basename(folder)}-${source.slice(0, -2)}.o`);
    compile(tools, order, join(folder, source), object);
    objects.push(object);
  }
  const linker = await unpackDebian({ suite: 'sid', packages: ['bpftool'] });
  run(runWith(linker, 'bpftool', ['gen', 'object', output, ...objects]));
}

interface Job {
  readonly tools: Toolchain;
  readonly order: string;
  /** A file, or a folder of files that are linked. */
  readonly source: string;
  /** The path of the committed file. */
  readonly output: string;
}

/** The jobs for a fixture: all compilers, for both byte orders. */
function fixtureJobs(source: string, toolchains: readonly Toolchain[]): Job[] {
  const path = join(SOURCES, source);
  const without = excluded(path);
  return toolchains.flatMap((tools) =>
    BYTE_ORDERS.filter((order) => !without.includes(tools.name) && !without.includes(order)).map((order) => ({
      tools,
      order,
      source: path,
      output: join(OUTPUT, `${source.slice(0, -2)}.${order}.${tools.name}.o`),
    })),
  );
}

const words = process.argv.slice(2);
const check = words.includes('--check');
const names = words.filter((word) => !word.startsWith('--'));
const scratch = mkdtempSync(join(tmpdir(), 'ebpf-ts-fixtures-'));
mkdirSync(OUTPUT, { recursive: true });
const toolchains = await Promise.all(COMPILERS.map(toolchain));
const wanted = (folder: string, end: string): string[] =>
  readdirSync(folder)
    .filter(
      (name) =>
        name.endsWith(end) && (names.length === 0 || names.includes(name.slice(0, name.length - end.length))),
    )
    .sort();
const jobs: Job[] = wanted(SOURCES, '.c').flatMap((source) => fixtureJobs(source, toolchains));
for (const folder of wanted(SOURCES, '').filter((name) => existsSync(join(SOURCES, name, 'one.c')))) {
  for (const tools of toolchains.slice(-1)) {
    const output = join(OUTPUT, `${folder}.el.${tools.name}.o`);
    jobs.push({ tools, order: 'el', source: join(SOURCES, folder), output });
  }
}
for (const source of wanted(EXAMPLES, '.bpf.c')) {
  const path = join(EXAMPLES, source);
  for (const tools of toolchains.slice(-1)) {
    jobs.push({ tools, order: 'el', source: path, output: `${path.slice(0, -2)}.o` });
  }
}
let different = 0;
try {
  for (const { tools, order, source, output } of jobs) {
    const target = check ? join(scratch, basename(output)) : output;
    if (source.endsWith('.c')) compile(tools, order, source, target);
    else await compileLinked(tools, order, source, target);
    if (!check || (existsSync(output) && readFileSync(output).equals(readFileSync(target)))) continue;
    console.error(`${output} is not what ${source} compiles to`);
    different++;
  }
} finally {
  rmSync(scratch, { recursive: true });
}
console.log(
  check
    ? `${jobs.length - different} passed, ${different} failed`
    : `fixtures: ${jobs.length} objects compiled`,
);
if (different > 0) process.exit(1);
