import { hostByteOrder } from '../../asm/index.ts';
import { BpfError, didYouMean, FormatError } from '../../errors/index.ts';
import { kconfigContents } from '../externs/kconfig.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import { KCONFIG } from '../spec/externs.ts';
import type { MapSpec, ProgramSpec, VariableSpec } from '../spec/types.ts';
import { layOutStructOps, type StructOpsLayout } from '../struct-ops/layout.ts';
import { firstValues } from '../variables/first-values.ts';
import { checkNames } from './check-options.ts';
import { checkSpec } from './check-spec.ts';
import { type LinkedProgram, linkProgram } from './link.ts';
import type { CollectionOptions } from './options.ts';

/** The maps of a spec by their names in it. */
export type MapSpecs = readonly (readonly [name: string, map: MapSpec])[];

/** A program that will be loaded, with the functions it reaches. */
export interface PlannedProgram {
  readonly program: ProgramSpec;
  readonly linked: LinkedProgram;
}

/** What a struct_ops program implements. */
export interface Implemented {
  /** Number of the kernel's struct. */
  readonly typeId: number;
  /** Index of the member. */
  readonly index: number;
}

/** First stage: what will be loaded. Nothing is opened yet. */
export interface Plan {
  readonly spec: CollectionSpec;
  readonly options: CollectionOptions;
  /** Listed once, because every stage goes over them. */
  readonly mapSpecs: MapSpecs;
  readonly variableSpecs: readonly VariableSpec[];
  readonly programs: readonly PlannedProgram[];
  /** The struct_ops that will be created, in the layout of this kernel. */
  readonly structOps: readonly StructOpsLayout[];
  /** What each struct_ops program implements. */
  readonly members: ReadonlyMap<string, Implemented>;
  /** First values of data sections and arenas by the names of their maps, except those that are zero. */
  readonly firstValues: ReadonlyMap<string, Uint8Array>;
}

/**
 * Checks spec and options, chooses what will be loaded, and links it.
 *
 * @throws FormatError for an object of the other byte order
 * @throws TypeError, RangeError for an invalid spec or invalid options
 * @throws BpfError for a reference to something that does not exist
 */
export function planLoad(spec: CollectionSpec, options: CollectionOptions): Plan {
  checkByteOrder(spec);
  checkSpec(spec);
  checkNames('Collection.load', spec, options);
  const mapSpecs = Object.entries(spec.maps);
  const { chosen, structOps } = choose(spec, mapSpecs, options);
  const programs = chosen.map((program) => ({
    program,
    linked: linkProgram(program, spec.functions, spec.programs),
  }));
  const values = firstValues(spec, mapSpecs, options.variables);
  const kconfig = spec.maps[KCONFIG];
  if (kconfig !== undefined) {
    const users = externUsers(programs);
    const userOf = (name: string): string | undefined => users.get(name);
    const { kconfig: given = {} } = options;
    values.set(KCONFIG, kconfigContents(spec, kconfig.valueSize, { given, userOf }));
  }
  return {
    spec,
    options,
    mapSpecs,
    variableSpecs: Object.values(spec.variables),
    programs,
    structOps,
    members: membersOf(structOps),
    firstValues: values,
  };
}

function checkByteOrder({ littleEndian, file }: CollectionSpec): void {
  const order = littleEndian ? 'little' : 'big';
  if (order === hostByteOrder) return;
  throw new FormatError(
    `its byte order is ${order}-endian, this machine's is not: compile it with -target bpf${hostByteOrder === 'little' ? 'el' : 'eb'}`,
    { file },
  );
}

/** The parts of an object that are loaded. */
interface Choice {
  readonly chosen: readonly ProgramSpec[];
  readonly structOps: readonly StructOpsLayout[];
}

/**
 * Chooses everything except optional parts that nobody asked for. Programs for struct_ops come with the maps that they
 * are in, because they cannot be loaded alone.
 */
function choose(spec: CollectionSpec, maps: MapSpecs, { programs = [] }: CollectionOptions): Choice {
  const wanted = (name: string, optional: boolean): boolean =>
    !optional || programs === 'all' || programs.includes(name);
  const structOps: StructOpsLayout[] = [];
  const implementing = new Set<string>();
  for (const [, map] of maps) {
    if (map.structOps === undefined || !wanted(map.name, map.section.startsWith('?'))) continue;
    const layout = layOutStructOps(spec, map, map.structOps);
    structOps.push(layout);
    for (const { program } of layout.members) implementing.add(program);
  }
  for (const name of programs === 'all' ? [] : programs) {
    if (name in spec.programs || spec.maps[name]?.structOps !== undefined) continue;
    throw new TypeError(
      `Cannot load program "${name}": the object has no program of that name${didYouMean(name, Object.keys(spec.programs))}`,
    );
  }
  return {
    structOps,
    chosen: Object.values(spec.programs).filter(({ name, type, autoload }) =>
      type === 'struct_ops' ? implementing.has(name) : wanted(name, !autoload),
    ),
  };
}

/** What each struct_ops program implements. @throws BpfError if one implements two different members */
function membersOf(structOps: readonly StructOpsLayout[]): Map<string, Implemented> {
  const found = new Map<string, Implemented>();
  for (const { map, typeId, members } of structOps) {
    for (const { program, index } of members) {
      const before = found.get(program);
      if (before !== undefined && (before.typeId !== typeId || before.index !== index)) {
        throw new BpfError(
          `Cannot create map "${map.name}" (struct_ops): program "${program}" implements two different members`,
          { code: 'ERR_BPF_STRUCT_OPS' },
        );
      }
      found.set(program, { typeId, index });
    }
  }
  return found;
}

/** The program that refers to each extern, for errors. */
function externUsers(programs: readonly PlannedProgram[]): Map<string, string> {
  const users = new Map<string, string>();
  for (const { program, linked } of programs) {
    for (const extern of linked.refers.externs) {
      if (!users.has(extern)) users.set(extern, `program "${program.name}"`);
    }
  }
  return users;
}
