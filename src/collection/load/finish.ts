import type { Btf } from '../../btf-object/index.ts';
import { BpfError } from '../../errors/index.ts';
import type { BpfMap } from '../../map/index.ts';
import { type Program, rememberUsdtSpecs, USDT_SPECS } from '../../program/index.ts';
import { progBindMap } from '../../sys/index.ts';
import { codecFor } from '../spec/codec.ts';
import { isReadOnly } from '../spec/data-maps.ts';
import { type Named, put } from '../spec/named.ts';
import { StructOps } from '../struct-ops/struct-ops.ts';
import { DataSection } from '../variables/data-section.ts';
import { Variable } from '../variables/variable.ts';
import type { MappedLoad } from './maps/make.ts';
import type { Opened } from './opened.ts';
import type { Prepared } from './programs/prepare.ts';

/** What a collection is made of. */
export interface Loaded {
  readonly maps: Named<BpfMap>;
  readonly programs: Named<Program>;
  readonly variables: Named<Variable>;
  readonly structOps: Named<StructOps>;
  readonly btf: Btf | undefined;
  readonly btfProblem: BpfError | undefined;
  readonly opened: Opened;
}

/**
 * Last stage, after the kernel has answered for each program. Fills the maps that refer to programs or maps, and makes
 * what the user gets.
 *
 * @param results - the results of the prepared programs, in their order
 * @throws the reason why the first program was refused, with a better text if there is one
 */
export function finish(
  load: MappedLoad,
  prepared: readonly Prepared[],
  results: readonly PromiseSettledResult<Program>[],
): Loaded {
  const { maps, btf, btfProblem, opened } = load;
  const programs = collect(prepared, results, opened);
  bindConstants(load, programs);
  fillMaps(load, programs);
  for (const program of Object.values(programs)) {
    if (program.type === 'kprobe') rememberUsdtSpecs(program, maps[USDT_SPECS]);
  }
  const variables = variablesOf(load);
  const structOps = structOpsOf(load, programs);
  opened.keepPins();
  return { maps, programs, variables, structOps, btf, btfProblem, opened };
}

function collect(
  prepared: readonly Prepared[],
  results: readonly PromiseSettledResult<Program>[],
  opened: Opened,
): Named<Program> {
  const programs: Named<Program> = Object.create(null);
  let failed: { readonly by: Prepared | undefined; readonly reason: unknown } | undefined;
  let index = 0;
  for (const result of results) {
    const by = prepared[index++];
    if (result.status === 'fulfilled') put(programs, by?.name ?? '', opened.add(result.value));
    else failed ??= { by, reason: result.reason };
  }
  if (failed !== undefined) throw failed.by?.explain(failed.reason) ?? failed.reason;
  return programs;
}

/**
 * Binds the maps of constants to all programs, whether they use them or not, as libbpf does. Tools look there for what
 * programs say about themselves (variables `bpf_metadata_...`).
 */
function bindConstants({ plan, maps }: MappedLoad, programs: Named<Program>): void {
  for (const [name, { section, contents }] of plan.mapSpecs) {
    const map = maps[name];
    if (map === undefined || contents === undefined || !isReadOnly(section)) continue;
    for (const program of Object.values(programs)) bindIfPossible(program, map);
  }
}

/** Ignores errors: nothing depends on the binding, and kernels before 5.10 cannot do it. */
function bindIfPossible(program: Program, map: BpfMap): void {
  try {
    progBindMap(program.fd, map.fd);
  } catch (error) {
    if (!BpfError.is(error) || error.errno === undefined) throw error;
  }
}

/** Puts the entries of the source into maps of maps and prog arrays, except for programs that are not loaded. */
function fillMaps({ plan, maps, fresh }: MappedLoad, programs: Named<Program>): void {
  for (const [name, { entries }] of plan.mapSpecs) {
    const map = maps[name];
    if (map === undefined || !fresh.has(name) || entries.length === 0) continue;
    if (map.type !== 'prog_array' && map.type !== 'array_of_maps' && map.type !== 'hash_of_maps') {
      throw new BpfError(`Cannot fill map "${name}": maps of type ${map.type} cannot hold programs or maps`, {
        code: 'ERR_BPF_LINK',
      });
    }
    for (const { key, map: inner, program } of entries) {
      const value = inner === undefined ? programs[program ?? ''] : maps[inner];
      if (value !== undefined) map.set(key, value);
      else if (inner !== undefined || !((program ?? '') in plan.spec.programs)) {
        throw new BpfError(
          `Cannot fill map "${name}": its entry ${key} is "${inner ?? program}", which the object does not have`,
          { code: 'ERR_BPF_LINK' },
        );
      }
    }
  }
}

function variablesOf({ plan, maps, arenas, opened }: MappedLoad): Named<Variable> {
  const variables: Named<Variable> = Object.create(null);
  const { spec, variableSpecs } = plan;
  if (variableSpecs.length === 0) return variables;
  const sections = new Map(arenas);
  for (const variable of variableSpecs) {
    const { name, map, typeId, size } = variable;
    const [loaded, own] = [maps[map], spec.maps[map]];
    if (loaded === undefined || own === undefined) continue;
    const section = sections.get(map) ?? opened.add(new DataSection(loaded, own));
    sections.set(map, section);
    variables[name] = new Variable(variable, section, () => codecFor(spec.btf, typeId, size));
  }
  return variables;
}

function structOpsOf({ plan, maps }: MappedLoad, programs: Named<Program>): Named<StructOps> {
  const found: Named<StructOps> = Object.create(null);
  for (const layout of plan.structOps) {
    const { name } = layout.map;
    const map = maps[name];
    if (map?.type === 'struct_ops') found[name] = new StructOps(layout, map, programs);
  }
  return found;
}
