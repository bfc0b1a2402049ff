/**
 * Compiles test/fixtures/*.c with two generations of clang for both byte orders, into
 * test/fixtures/compiled/NAME.{el,eb}.{clang14,clang19}.o. `--check` compiles into a scratch folder and compares byte
 * for byte; names of fixtures limit the run. Compilers and headers come from Debian, unpacked into the cache.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runWith, type Suite, unpackDebian } from './debian.ts';

const SOURCES = 'test/fixtures';
const OUTPUT = 'test/fixtures/compiled';

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

interface Toolchain extends Compiler {
  readonly root: string;
  readonly headers: string;
}

/** The first line of a source may name compilers and byte orders that cannot compile it: `// not: clang14 eb`. */
function excluded(source: string): string[] {
  return /^\/\/ not: (.*)$/m.exec(readFileSync(source, 'utf8'))?.[1]?.split(' ') ?? [];
}

async function toolchain(compiler: Compiler): Promise<Toolchain> {
  const { suite, version } = compiler;
  const root = await unpackDebian({ suite, packages: [`clang-${version}`, `llvm-${version}`] });
  const headers = await unpackDebian({ suite: 'trixie', packages: ['libbpf-dev', 'linux-libc-dev'] });
  return { ...compiler, root, headers };
}

function run(command: readonly string[]): void {
  const [program = '', ...args] = command;
  const { status, error } = spawnSync(program, args, { stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0)
    throw new Error(`Cannot build the fixtures: ${args.join(' ')} ended with status ${status}`);
}

function compile(tools: Toolchain, order: string, source: string, output: string): void {
  const { root, version, headers } = tools;
  const llvm = `usr/lib/llvm-${version}`;
  run(
    runWith(root, `${llvm}/bin/clang`, [
      ...['-target', `bpf${order}`, '-mcpu=v3', '-g', '-O2', '-Wall', '-Werror', '-Wno-unused-function'],
      // The compiler looks for its own headers next to what was executed: that is the loader here.
      ...['-resource-dir', join(root, llvm, 'lib/clang', version === 14 ? '14.0.6' : String(version))],
      ...['-nostdlibinc', '-isystem', join(headers, 'usr/include')],
      ...['-isystem', join(headers, 'usr/include/x86_64-linux-gnu')],
      // Nothing of this machine in the output.
      ...['-ffile-compilation-dir=.', '-c', '-o', output, source],
    ]),
  );
  run(runWith(root, `${llvm}/bin/llvm-strip`, ['-g', output]));
}

const words = process.argv.slice(2);
const check = words.includes('--check');
const names = words.filter((word) => !word.startsWith('--'));
const folder = check ? mkdtempSync(join(tmpdir(), 'ebpf-ts-fixtures-')) : OUTPUT;
mkdirSync(folder, { recursive: true });
const toolchains = await Promise.all(COMPILERS.map(toolchain));
const sources = readdirSync(SOURCES)
  .filter((name) => name.endsWith('.c') && (names.length === 0 || names.includes(name.slice(0, -2))))
  .sort();
let different = 0;
try {
  for (const source of sources) {
    const path = join(SOURCES, source);
    const without = excluded(path);
    for (const tools of toolchains) {
      for (const order of BYTE_ORDERS) {
        if (without.includes(tools.name) || without.includes(order)) continue;
        const name = `${source.slice(0, -2)}.${order}.${tools.name}.o`;
        compile(tools, order, path, join(folder, name));
        if (!check) continue;
        const committed = join(OUTPUT, name);
        if (existsSync(committed) && readFileSync(committed).equals(readFileSync(join(folder, name))))
          continue;
        console.error(`${committed} is not what ${path} compiles to`);
        different++;
      }
    }
  }
} finally {
  if (check) rmSync(folder, { recursive: true });
}
console.log(`fixtures: ${sources.length} sources${check ? `, ${different} objects differ` : ' compiled'}`);
if (different > 0) process.exit(1);
