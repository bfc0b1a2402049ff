import { hostByteOrder } from '../../asm/index.ts';
import { type BpfError, didYouMean, FormatError } from '../../errors/index.ts';
import type { Btf } from '../../handle/index.ts';
import type { BpfMap } from '../../map/index.ts';
import type { Program } from '../../program/index.ts';
import { kconfigContents } from '../externs/kconfig.ts';
import { ModuleHandles } from '../externs/kernel-types.ts';
import { linkProgram } from '../link/link-program.ts';
import type { CollectionSpec, Named } from '../spec/collection-spec.ts';
import type { ProgramSpec } from '../spec/types.ts';
import { codecFor } from './codecs.ts';
import { DataSection } from './data-section.ts';
import { fillMaps } from './entries.ts';
import { initialContents } from './initial-values.ts';
import type { MapContext } from './map-options.ts';
import { createMaps, fillData } from './maps.ts';
import { loadObjectBtf } from './object-btf.ts';
import type { CollectionOptions } from './options.ts';
import { Owned } from './owned.ts';
import { Pins } from './pins.ts';
import { type Linked, type Prepared, Preparer } from './prepare.ts';
import { Variable } from './variable.ts';

/** What a collection is made of. */
export interface LoadedParts {
  readonly maps: Named<BpfMap>;
  readonly programs: Named<Program>;
  readonly variables: Named<Variable>;
  readonly btf: Btf | undefined;
  readonly btfProblem: BpfError | undefined;
  readonly owned: Owned;
}

/** One load: hands out the programs that are to be loaded, and is given what came of each. */
export type LoadSteps = Generator<readonly Prepared[], LoadedParts, PromiseSettledResult<Program>[]>;

/** The programs that are loaded: all but optional ones that nobody asked for. */
function chosen(spec: CollectionSpec, { programs = [] }: CollectionOptions): ProgramSpec[] {
  if (programs !== 'all') {
    for (const name of programs) {
      if (name in spec.programs) continue;
      throw new TypeError(
        `Cannot load program "${name}": the object has none of that name${didYouMean(name, Object.keys(spec.programs))}`,
      );
    }
  }
  return Object.values(spec.programs).filter(
    ({ name, autoload }) => autoload || programs === 'all' || programs.includes(name),
  );
}

/** Who refers to each extern, for errors. */
function externUsers(programs: readonly Linked[]): Map<string, string> {
  const users = new Map<string, string>();
  for (const { program, linked } of programs) {
    for (const item of linked.items) {
      if ('extern' in item && item.extern !== undefined && !users.has(item.extern)) {
        users.set(item.extern, `program "${program.name}"`);
      }
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
  const owned = new Owned();
  const modules = new ModuleHandles(options.token);
  try {
    const linked = chosen(spec, options).map((program) => ({
      program,
      linked: linkProgram(program, spec.functions, spec.programs),
    }));
    const contents = initialContents(spec, options.variables ?? {});
    const users = externUsers(linked);
    const kconfig = spec.maps['.kconfig'];
    if (kconfig !== undefined) {
      const { kconfig: given = {} } = options;
      const userOf = (name: string): string | undefined => users.get(name);
      contents.set('.kconfig', kconfigContents(spec, kconfig.valueSize, { given, userOf }));
    }
    const { btf, problem } = loadObjectBtf(spec, options);
    if (btf !== undefined) owned.add(btf);
    const pins = new Pins();
    const context: MapContext = { spec, btf, options, pins };
    const { maps, fresh } = createMaps(context, owned);
    for (const name of fresh) {
      const [map, first, own] = [maps[name], contents.get(name), spec.maps[name]];
      if (map !== undefined && first !== undefined && own !== undefined) fillData(map, first, own.frozen);
    }
    const preparer = new Preparer({ spec, options, btf, maps, modules, members: new Map() }, linked);
    const prepared = linked.map((one) => preparer.prepare(one));
    const programs = collect(prepared, yield prepared, owned);
    fillMaps(context, maps, programs, fresh);
    const variables = variablesOf(spec, maps, owned);
    pins.keep();
    return { maps, programs, variables, btf, btfProblem: problem, owned };
  } catch (error) {
    owned.close();
    throw error;
  } finally {
    modules.close();
  }
}

function collect(
  prepared: readonly Prepared[],
  results: readonly PromiseSettledResult<Program>[],
  owned: Owned,
): Named<Program> {
  const programs: Named<Program> = Object.create(null);
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') programs[prepared[index]?.name ?? ''] = owned.add(result.value);
  }
  for (const [index, result] of results.entries()) {
    if (result.status === 'rejected') throw prepared[index]?.explain(result.reason) ?? result.reason;
  }
  return programs;
}

function variablesOf(spec: CollectionSpec, maps: Named<BpfMap>, owned: Owned): Named<Variable> {
  const sections = new Map<string, DataSection>();
  const variables: Named<Variable> = Object.create(null);
  for (const variable of Object.values(spec.variables)) {
    const { name, map, typeId, size } = variable;
    const [loaded, own] = [maps[map], spec.maps[map]];
    if (loaded === undefined || own === undefined) continue;
    const section = sections.get(map) ?? owned.add(new DataSection(loaded, own));
    sections.set(map, section);
    variables[name] = new Variable(variable, section, codecFor(spec.btf, typeId, size));
  }
  return variables;
}
