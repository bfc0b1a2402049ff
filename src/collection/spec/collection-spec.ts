import { BtfExt, BtfTypes } from '../../btf/index.ts';
import { bytesOf } from '../../bytes/index.ts';
import { ElfFile } from '../../elf/index.ts';
import { checkBytes, checkOurs, FormatError, OURS, rejectUnknownOptions } from '../../errors/index.ts';
import { ELF_START, type Input, readInput, readInputSync } from '../../sys/index.ts';
import { checkObject } from './check-object.ts';
import { objectContext } from './context.ts';
import { arenaData, dataMap, dataSections, dataVariables } from './data-maps.ts';
import { DefinedMaps } from './defined-maps.ts';
import { kconfigMap, readExterns } from './externs.ts';
import { readFunctions } from './functions.ts';
import { type Named, put } from './named.ts';
import { splitFunctions } from './programs.ts';
import { structOpsMaps } from './struct-ops-maps.ts';
import type { ExternSpec, FunctionSpec, MapSpec, ProgramSpec, UnsetPointer, VariableSpec } from './types.ts';
import { unsetPointers } from './unset-pointers.ts';

function named<T extends { readonly name: string }>(
  things: Iterable<T>,
  error: (problem: string) => Error,
): Named<T> {
  const all: Named<T> = Object.create(null);
  for (const thing of things) {
    if (all[thing.name] !== undefined) throw error(`two things are called "${thing.name}"`);
    put(all, thing.name, thing);
  }
  return all;
}

/** How to read an object file. */
export interface CollectionSpecOptions {
  /** The file the bytes came from, for errors. */
  readonly file?: string | undefined;
}

/**
 * The contents of an object file as plain data: maps, programs, functions and variables. They are the same on every
 * machine. You may edit them before the load.
 */
export class CollectionSpec {
  /** The file that it was read from; `undefined` for bytes without the option `file`. */
  readonly file: string | undefined;
  readonly littleEndian: boolean;
  readonly license: string;
  /** The object's own types; `undefined` for objects compiled without `-g`. */
  readonly btf: BtfTypes | undefined;
  readonly maps: Named<MapSpec>;
  readonly programs: Named<ProgramSpec>;
  /** Functions that programs call. A program that others call is in `programs`, not here. */
  readonly functions: Named<FunctionSpec>;
  readonly variables: Named<VariableSpec>;
  readonly externs: Named<ExternSpec>;
  /** Pointers in global variables. No load can set them. They are not an error: programs may never use them. */
  readonly unsetPointers: readonly UnsetPointer[];

  private constructor(key: typeof OURS, elf: ElfFile) {
    checkOurs(key, 'CollectionSpec', 'CollectionSpec.parse, load or loadSync');
    checkObject(elf);
    const { file } = elf;
    const btfBytes = elf.section('.BTF')?.data;
    const btf = btfBytes === undefined ? undefined : BtfTypes.parse(btfBytes, { file });
    const context = objectContext(elf, btf);
    const maps = new DefinedMaps(context);
    const sections = dataSections(context);
    const inArena = arenaData(context, maps.all);
    const variables = inArena === undefined ? sections : new Map([...sections, inArena]);
    const extBytes = btf === undefined ? undefined : elf.section('.BTF.ext')?.data;
    const ext =
      btf === undefined || extBytes === undefined ? undefined : BtfExt.parse(extBytes, btf, { file });
    const functions = readFunctions(context, ext, variables, maps);
    const externs = readExterns(context);
    const kconfig = kconfigMap(context, externs);
    const error = (problem: string): Error => new FormatError(problem, { file });
    this.file = file;
    this.littleEndian = elf.littleEndian;
    this.license = licenseOf(elf);
    this.btf = btf;
    this.maps = named(
      [
        ...maps.all,
        ...[...sections.keys()].map((section) => dataMap(context, section)),
        ...(kconfig === undefined ? [] : [kconfig]),
        ...structOpsMaps(context),
      ],
      error,
    );
    const { programs, others } = splitFunctions(functions, this.license, btf);
    this.programs = named(programs, error);
    this.functions = named(
      others.filter(({ name }) => !(name in this.programs)),
      error,
    );
    this.variables = named(
      [...variables].flatMap(([section, map]) => dataVariables(context, section, map)),
      error,
    );
    this.externs = named(externs, error);
    this.unsetPointers = unsetPointers(context, variables);
  }

  /**
   * Reads the bytes of an object file as clang's BPF targets write it. The bytes are copied, so you may reuse yours.
   *
   * @throws FormatError for anything else, with file, section and offset
   * @throws TypeError for an unknown option
   */
  static parse(bytes: Uint8Array, options: CollectionSpecOptions = {}): CollectionSpec {
    checkBytes('CollectionSpec.parse: bytes', bytes);
    rejectUnknownOptions('CollectionSpec.parse', options, ['file']);
    return new CollectionSpec(OURS, ElfFile.parse(new Uint8Array(bytesOf(bytes)), options));
  }

  /**
   * Reads an object file from a path, which may be a pipe, or from its bytes. Bytes are copied before this returns.
   *
   * @throws FormatError when it is not what clang's BPF targets write
   * @throws BpfError with Node's code when the file cannot be read, `EFBIG` when it is longer than 256 MiB
   * @throws TypeError for a source that is not a path, a URL or bytes
   */
  static async load(source: string | URL | Uint8Array): Promise<CollectionSpec> {
    if (source instanceof Uint8Array) return CollectionSpec.parse(source);
    checkPath(source);
    return CollectionSpec.#fromFile(source, await readInput(source, objectFile(source)));
  }

  static #fromFile(source: string | URL, bytes: Uint8Array): CollectionSpec {
    return new CollectionSpec(OURS, ElfFile.parse(bytes, { file: String(source) }));
  }

  /** {@link CollectionSpec.load}, while the caller waits. */
  static loadSync(source: string | URL | Uint8Array): CollectionSpec {
    if (source instanceof Uint8Array) return CollectionSpec.parse(source);
    checkPath(source);
    return CollectionSpec.#fromFile(source, readInputSync(source, objectFile(source)));
  }
}

/** Far more than any compiler writes for BPF. */
const LONGEST = 1 << 28;

const objectFile = (source: string | URL): Input => ({
  what: `object file ${source}`,
  magics: [ELF_START],
  most: LONGEST,
});

/** Refuses any other source: Node would take a number for an open descriptor. */
function checkPath(source: unknown): void {
  if (typeof source === 'string' || source instanceof URL) return;
  throw new TypeError(
    `Cannot read an object file: the source must be a path, a URL or bytes, got ${String(source)}`,
  );
}

const utf8 = new TextDecoder();

function licenseOf(elf: ElfFile): string {
  const data = elf.section('license')?.data;
  if (data === undefined) return '';
  const end = data.indexOf(0);
  return utf8.decode(end === -1 ? data : data.subarray(0, end));
}
