import { hostByteOrder } from '../../asm/index.ts';
import type { Btf } from '../../btf-object/index.ts';
import { addToMessage, BpfError, didYouMean, FormatError, TokenError } from '../../errors/index.ts';
import type { BpfMap } from '../../map/index.ts';
import type { Program } from '../../program/index.ts';
import { progBindMap } from '../../sys/index.ts';
import { kconfigContents } from '../externs/kconfig.ts';
import { ModuleHandles } from '../externs/kernel-types.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import { isReadOnly } from '../spec/data-maps.ts';
import type { Named } from '../spec/named.ts';
import { put } from '../spec/named.ts';
import type { ProgramSpec } from '../spec/types.ts';
import { checkNames } from './check-options.ts';
import { checkSpec } from './check-spec.ts';
import { codecFor } from './codecs.ts';
import { DataSection } from './data-section.ts';
import { fillMaps } from './entries.ts';
import { initialContents } from './initial-values.ts';
import { linkProgram } from './link.ts';
import type { MapContext } from './map-options.ts';
import { createMaps, fillData, mapArenas } from './maps.ts';
import { Pins } from './new-pins.ts';
import { loadObjectBtf } from './object-btf.ts';
import type { CollectionOptions } from './options.ts';
import { Owned } from './owned.ts';
import { partsOf, type SpecParts } from './parts.ts';
import { type Linked, type PrepareContext, type Prepared, Preparer } from './prepare.ts';
import { createStructOpsMap, StructOps } from './struct-ops.ts';
import { layOutStructOps, type StructOpsLayout } from './struct-ops-layout.ts';
import { Variable } from './variable.ts';

/** What a collection is made of. */
export interface LoadedParts {
  readonly maps: Named<BpfMap>;
  readonly programs: Named<Program>;
  readonly variables: Named<Variable>;
  readonly structOps: Named<StructOps>;
  readonly btf: Btf | undefined;
  readonly btfProblem: BpfError | undefined;
  readonly owned: Owned;
  /** Paths that maps are pinned at by name. */
  readonly pinned: ReadonlySet<string>;
}

/** One load: hands out the programs that are to be loaded, and is given what came of each. */
export type LoadSteps = Generator<readonly Prepared[], LoadedParts, PromiseSettledResult<Program>[]>;

/** What of an object is loaded. */
interface Chosen {
  readonly programs: readonly ProgramSpec[];
  /** The struct_ops, in the layout of this kernel. */
  readonly structOps: readonly StructOpsLayout[];
}

/**
 * All but what is optional and nobody asked for. Programs for struct_ops come along with the maps that they are in:
 * alone they cannot be loaded.
 */
function choose(spec: CollectionSpec, parts: SpecParts, { programs = [] }: CollectionOptions): Chosen {
  const wanted = (name: string, optional: boolean): boolean =>
    !optional || programs === 'all' || programs.includes(name);
  const structOps: StructOpsLayout[] = [];
  const implementing = new Set<string>();
  for (const [, map] of parts.maps) {
    if (map.structOps === undefined || !wanted(map.name, map.section.startsWith('?'))) continue;
    const layout = layOutStructOps(spec, map, map.structOps);
    structOps.push(layout);
    for (const { program } of layout.members) implementing.add(program);
  }
  for (const name of programs === 'all' ? [] : programs) {
    if (name in spec.programs || spec.maps[name]?.structOps !== undefined) continue;
    throw new TypeError(
      `Cannot load program "${name}": the object has none of that name${didYouMean(name, Object.keys(spec.programs))}`,
    );
  }
  return {
    structOps,
    programs: parts.programs.filter(({ name, type, autoload }) =>
      type === 'struct_ops' ? implementing.has(name) : wanted(name, !autoload),
    ),
  };
}

/** What each struct_ops program implements. @throws BpfError when it is two different things */
function implemented(structOps: readonly StructOpsLayout[]): PrepareContext['members'] {
  const found = new Map<string, { typeId: number; index: number }>();
  for (const { map, typeId, members } of structOps) {
    for (const { program, index } of members) {
      const before = found.get(program);
      if (before !== undefined && (before.typeId !== typeId || before.index !== index)) {
        throw new BpfError(
          `Cannot create map "${map.name}" (struct_ops): program "${program}" implements two members that are not the same`,
          { code: 'ERR_BPF_STRUCT_OPS' },
        );
      }
      found.set(program, { typeId, index });
    }
  }
  return found;
}

/** Who refers to each extern, for errors. */
function externUsers(programs: readonly Linked[]): Map<string, string> {
  const users = new Map<string, string>();
  for (const { program, linked } of programs) {
    for (const extern of linked.refers.externs) {
      if (!users.has(extern)) users.set(extern, `program "${program.name}"`);
    }
  }
  return users;
}

function checkByteOrder({ littleEndian, file }: CollectionSpec): void {
  const order = littleEndian ? 'little' : 'big';
  if (order === hostByteOrder) return;
  throw new FormatError(
    `its byte order is ${order}-endian, this machine's is not: compile it with -target bpf${hostByteOrder === 'little' ? 'el' : 'eb'}`,
    { file },
  );
}

/**
 * Loads an object file: a generator, so that the same steps serve the synchronous and the asynchronous form. Whatever
 * fails, everything that was opened is closed.
 */
export function* loadSteps(spec: CollectionSpec, options: CollectionOptions): LoadSteps {
  checkByteOrder(spec);
  checkSpec(spec);
  checkNames('Collection.load', spec, options);
  const owned = new Owned();
  let btfProblem: BpfError | undefined;
  const modules = new ModuleHandles(options.token);
  try {
    const parts = partsOf(spec);
    const { programs: wanted, structOps: layouts } = choose(spec, parts, options);
    const linked = wanted.map((program) => ({
      program,
      linked: linkProgram(program, spec.functions, spec.programs),
    }));
    const contents = initialContents(spec, parts, options.variables);
    const kconfig = spec.maps['.kconfig'];
    if (kconfig !== undefined) {
      const { kconfig: given = {} } = options;
      const users = externUsers(linked);
      const userOf = (name: string): string | undefined => users.get(name);
      contents.set('.kconfig', kconfigContents(spec, kconfig.valueSize, { given, userOf }));
    }
    const { btf, problem } = loadObjectBtf(spec, parts, options);
    btfProblem = problem;
    if (btf !== undefined) owned.add(btf);
    const pins = new Pins();
    const context: MapContext = { spec, parts, btf, options, pins };
    const created = createMaps(context, owned);
    const { maps, fresh } = created;
    const arenas = mapArenas(created, context, contents, owned);
    for (const name of fresh) {
      const [map, own] = [maps[name], spec.maps[name]];
      if (map !== undefined && own !== undefined && !arenas.has(name))
        fillData(map, contents.get(name), own.frozen);
    }
    for (const layout of layouts) {
      maps[layout.map.name] = owned.add(createStructOpsMap(layout, context, modules));
    }
    const members = implemented(layouts);
    const preparer = new Preparer({ spec, options, btf, maps, arenas, modules, members }, linked);
    const prepared = linked.map((one) => preparer.prepare(one));
    const programs = collect(prepared, yield prepared, owned);
    bindConstants(parts, maps, programs);
    fillMaps(context, maps, programs, fresh);
    const variables = variablesOf(context, maps, arenas, owned);
    const structOps: Named<StructOps> = Object.create(null);
    for (const layout of layouts) {
      const { name } = layout.map;
      const map = maps[name];
      if (map?.type === 'struct_ops') structOps[name] = new StructOps(layout, map, programs);
    }
    pins.keep();
    return { maps, programs, variables, structOps, btf, btfProblem, owned, pinned: pins.paths };
  } catch (error) {
    owned.close();
    throw btfProblem === undefined ? error : withBtfProblem(error, btfProblem);
  } finally {
    modules.close();
  }
}

/** Nothing depends on it, and kernels before 5.10 cannot. */
function bindIfPossible(program: Program, map: BpfMap): void {
  try {
    progBindMap(program.fd, map.fd);
  } catch (error) {
    if (!BpfError.is(error) || error.errno === undefined) throw error;
  }
}

/**
 * Lets programs hold the maps of constants, used or not, as libbpf does: tools look there for what programs say of
 * themselves (variables `bpf_metadata_...`).
 */
function bindConstants(parts: SpecParts, maps: Named<BpfMap>, programs: Named<Program>): void {
  for (const [name, { section, contents }] of parts.maps) {
    const map = maps[name];
    if (map === undefined || contents === undefined || !isReadOnly(section)) continue;
    for (const program of Object.values(programs)) bindIfPossible(program, map);
  }
}

/** What goes wrong without BTF may go wrong for that reason. */
function withBtfProblem(error: unknown, problem: BpfError): unknown {
  // A token that cannot be had is what both speak of.
  const same = error instanceof TokenError && problem instanceof TokenError && error.mount === problem.mount;
  if (BpfError.is(error) && !same)
    addToMessage(error, { after: `; its types are not loaded either: ${problem.message}` });
  return error;
}

function collect(
  prepared: readonly Prepared[],
  results: readonly PromiseSettledResult<Program>[],
  owned: Owned,
): Named<Program> {
  const programs: Named<Program> = Object.create(null);
  let failed: { readonly by: Prepared | undefined; readonly reason: unknown } | undefined;
  let index = 0;
  for (const result of results) {
    const by = prepared[index++];
    if (result.status === 'fulfilled') put(programs, by?.name ?? '', owned.add(result.value));
    else failed ??= { by, reason: result.reason };
  }
  if (failed !== undefined) throw failed.by?.explain(failed.reason) ?? failed.reason;
  return programs;
}

function variablesOf(
  { spec, parts }: MapContext,
  maps: Named<BpfMap>,
  arenas: ReadonlyMap<string, DataSection>,
  owned: Owned,
): Named<Variable> {
  const variables: Named<Variable> = Object.create(null);
  if (parts.variables.length === 0) return variables;
  const sections = new Map(arenas);
  for (const variable of parts.variables) {
    const { name, map, typeId, size } = variable;
    const [loaded, own] = [maps[map], spec.maps[map]];
    if (loaded === undefined || own === undefined) continue;
    const section = sections.get(map) ?? owned.add(new DataSection(loaded, own));
    sections.set(map, section);
    variables[name] = new Variable(variable, section, () => codecFor(spec.btf, typeId, size));
  }
  return variables;
}
