/** Asks libbpf about object files: with test/judge/judge.c, built once against the libbpf in the cache folder. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../../tools/cache.ts';
import { compileWith, unpackedDebian } from '../../tools/debian.ts';

const SOURCE = fileURLToPath(new URL('../../../test/judge/judge.c', import.meta.url));
const FLAGS = ['-std=gnu11', '-O2', '-Wall', '-Wextra', '-Werror'];

/** How libbpf relocates one program. */
export interface JudgedProgram {
  readonly name: string;
  /** Its instructions after relocation, in hexadecimal digits. */
  readonly code?: string;
  /** The warnings of libbpf, if it refused the program. */
  readonly error?: string;
}

/** What libbpf reads from an object file. */
export interface JudgedObject {
  readonly maps: readonly {
    readonly name: string;
    readonly type: number;
    readonly keySize: number;
    readonly valueSize: number;
    readonly maxEntries: number;
    readonly flags: number;
  }[];
  readonly programs: readonly {
    readonly name: string;
    readonly section: string;
    readonly type: number;
    readonly attachType: number;
    readonly flags: number;
    readonly instructions: number;
    readonly autoload: boolean;
  }[];
}

/** What the kernel says about a map that libbpf created. */
export interface JudgedLoadedMap {
  readonly name: string;
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly extra: string;
  readonly btfKeyType: number;
  readonly btfValueType: number;
}

/** What the kernel says about a program that libbpf loaded. */
export interface JudgedLoadedProgram {
  readonly name: string;
  readonly type: number;
  readonly tag: string;
  readonly xlatedSize: number;
  readonly verifiedInstructions: number;
  /** How many maps it uses. */
  readonly maps: number;
  readonly attachBtfId: number;
  readonly gplCompatible: boolean;
}

/** What was loaded from an object, or the warnings of libbpf if that failed. */
export type JudgedLoad =
  | { readonly error: string }
  | { readonly maps: readonly JudgedLoadedMap[]; readonly programs: readonly JudgedLoadedProgram[] };

/** A USDT probe to attach to. */
export interface JudgedProbe {
  readonly path: string;
  readonly provider: string;
  readonly name: string;
  readonly cookie: number;
}

/** The map of specs in hexadecimal digits, or the warnings of libbpf if it refused. */
export type JudgedSpecs = { readonly error: string } | { readonly specs: readonly string[] };

/** A built judge. */
export interface Judge {
  /** Maps and programs of an object file. */
  describe(object: string): JudgedObject;
  /**
   * The programs of an object file, each relocated on its own. Needs root.
   *
   * @param btf - a file with the kernel's types; default: the running kernel's
   * @param program - the only program to relocate; default: all
   */
  relocate(object: string, btf?: string, program?: string): JudgedProgram[];
  /**
   * Loads an object file: all that is not optional, or these programs only. Nothing stays loaded or pinned.
   */
  load(object: string, programs?: readonly string[]): JudgedLoad;
  /** Attaches a program to a USDT probe, and reads the specs from the map. */
  usdt(object: string, program: string, probe: JudgedProbe): JudgedSpecs;
  /**
   * Removes duplicate types from raw BTF, and writes the rest.
   *
   * @param base - a file with the BTF that it continues
   * @returns null, or why it failed
   */
  dedup(btf: string, out: string, base?: string): { readonly error: string } | null;
}

async function build(): Promise<Judge | string> {
  const root = unpackedDebian({ suite: 'sid', packages: ['libbpf-dev'] });
  if (root === undefined) {
    return 'libbpf is not in the cache: node dist/tools/debian.js sid libbpf-dev fetches it';
  }
  const hash = createHash('sha256').update(readFileSync(SOURCE)).update(root).digest('hex').slice(0, 12);
  const folder = await cached(`judge/${hash}`, (into) => {
    const args = [...FLAGS, ...compileWith(root, SOURCE, join(into, 'judge'), ['bpf'])];
    const { status, stderr, error } = spawnSync('cc', args, { encoding: 'utf8' });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`Cannot build the judge: ${stderr}`);
  });
  const run = (args: readonly string[]): unknown => {
    const { status, stdout, stderr, error } = spawnSync(join(folder, 'judge'), args, {
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    });
    if (error !== undefined) throw error;
    if (status !== 0) throw new Error(`The judge ended with status ${status}: ${stderr}`);
    return JSON.parse(stdout);
  };
  return {
    describe: (object) => run([object]) as JudgedObject,
    relocate: (object, btf = '-', program) =>
      run([object, btf, ...(program === undefined ? [] : [program])]) as JudgedProgram[],
    load: (object, programs = []) => run(['--load', object, ...programs]) as JudgedLoad,
    usdt: (object, program, { path, provider, name, cookie }) =>
      run(['--usdt', object, program, path, provider, name, String(cookie)]) as JudgedSpecs,
    dedup: (btf, out, base) =>
      run(['--dedup', btf, out, ...(base === undefined ? [] : [base])]) as { error: string } | null,
  };
}

/** Whether the compiler does not exist. Then the judge is missing, and that is not a failure. */
function isMissing(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}

let built: Promise<Judge | string> | undefined;

/** Builds the judge on first use. Returns it, or says why there is none. */
export function judge(): Promise<Judge | string> {
  built ??= build().catch((error) => {
    if (isMissing(error)) return `there is no C compiler: ${error.message}`;
    throw error;
  });
  return built;
}
