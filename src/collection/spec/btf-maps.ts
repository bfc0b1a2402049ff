import { mapTypes } from '../../abi/index.ts';
import type { BtfMember, BtfType, BtfTypes } from '../../btf/index.ts';
import type { ElfSection } from '../../elf/index.ts';
import {
  nameOf,
  type ObjectContext,
  type PlacedVariable,
  placedVariables,
  pointee,
  problemAt,
} from './context.ts';
import { isEventMap, newMapSpec, setFlags } from './map-spec.ts';
import type { MapEntrySpec, MapSpec } from './types.ts';

/** The section of map definitions that BTF describes. */
export const BTF_MAPS = '.maps';
const POINTER = 8;
const PIN_BY_NAME = 1; // LIBBPF_PIN_BY_NAME of bpf_helpers.h
/** Size in bytes of the keys (CPU numbers) and values (descriptors) of a perf event array. */
const DESCRIPTOR = 4;

type Writable = { -readonly [K in keyof MapSpec]: MapSpec[K] };

/** Reads one definition: a struct whose member types hold the settings of the map. */
class Definition {
  readonly #btf: BtfTypes;
  readonly #error: (problem: string) => Error;
  /** The member `values`, which holds the first entries: its offset in bytes, and whether they are programs. */
  values: { readonly offset: number; readonly programs: boolean } | undefined;

  constructor(btf: BtfTypes, error: (problem: string) => Error) {
    this.#btf = btf;
    this.#error = error;
  }

  read(name: string, typeId: number, depth = 0): MapSpec {
    const type = this.#btf.resolve(typeId);
    if (type.kind !== 'struct') throw this.#error(`map "${name}" is a ${type.kind}, expected a struct`);
    if (depth > 1) throw this.#error(`map "${name}" is nested too deeply`);
    const spec: Writable = newMapSpec({ name, section: BTF_MAPS, type: 'unspec' });
    for (const member of type.members) this.#member(spec, member, depth);
    if (spec.type === 'unspec') throw this.#error(`map "${name}" has no type`);
    // For these maps, the value type describes the records. The map itself has no values, or 4-byte descriptors.
    if (isEventMap(spec.type) && spec.valueTypeId !== 0) {
      spec.valueSize = spec.type === 'perf_event_array' ? DESCRIPTOR : 0;
      if (spec.type === 'perf_event_array') spec.keySize ||= DESCRIPTOR;
    }
    return spec;
  }

  #member(spec: Writable, member: BtfMember, depth: number): void {
    switch (member.name) {
      case 'type':
        spec.type = this.#mapType(spec.name, this.#number(spec.name, member));
        break;
      case 'max_entries':
        spec.maxEntries = this.#number(spec.name, member);
        break;
      case 'map_flags':
        setFlags(spec, this.#number(spec.name, member));
        break;
      case 'map_extra':
        spec.mapExtra = BigInt(this.#number(spec.name, member));
        break;
      case 'numa_node':
        spec.numaNode = this.#number(spec.name, member);
        break;
      case 'key_size':
        spec.keySize = this.#agree(spec, 'key', spec.keySize, this.#number(spec.name, member));
        break;
      case 'value_size':
        spec.valueSize = this.#agree(spec, 'value', spec.valueSize, this.#number(spec.name, member));
        break;
      case 'key':
        spec.keyTypeId = this.#pointee(spec.name, member);
        spec.keySize = this.#agree(spec, 'key', spec.keySize, this.#btf.sizeOf(spec.keyTypeId));
        break;
      case 'value':
        spec.valueTypeId = this.#pointee(spec.name, member);
        spec.valueSize = this.#agree(spec, 'value', spec.valueSize, this.#btf.sizeOf(spec.valueTypeId));
        break;
      case 'pinning':
        spec.pinning = this.#pinning(spec.name, this.#number(spec.name, member));
        break;
      case 'values':
        this.#values(spec, member, depth);
        break;
      default:
        throw this.#error(`map "${spec.name}" has an unknown member "${member.name}"`);
    }
  }

  #agree(spec: MapSpec, what: string, before: number, now: number): number {
    if (before !== 0 && before !== now) {
      throw this.#error(`map "${spec.name}" has a ${what} of ${before} bytes and one of ${now}`);
    }
    return now;
  }

  /** `__uint(name, value)` is a pointer to an array of that length. `__ulong` is an enum with one value. */
  #number(map: string, { name, type }: BtfMember): number {
    const found = this.#btf.resolve(type);
    if (found.kind === 'enum64' || found.kind === 'enum') return Number(found.values[0]?.value ?? 0);
    const array = found.kind === 'ptr' ? this.#btf.resolve(found.type) : found;
    if (array.kind === 'enum64' || array.kind === 'enum') return Number(array.values[0]?.value ?? 0);
    if (array.kind !== 'array')
      throw this.#error(`map "${map}": ${name} is a ${array.kind}, expected a number`);
    return array.length;
  }

  /** `__type(name, type)` is a pointer to the type. */
  #pointee(map: string, { name, type }: BtfMember): number {
    const found = this.#btf.resolve(type);
    if (found.kind !== 'ptr')
      throw this.#error(`map "${map}": ${name} is a ${found.kind}, expected a pointer`);
    return found.type;
  }

  #mapType(map: string, number: number): MapSpec['type'] {
    const type = mapTypes.name(number);
    if (type === undefined)
      throw this.#error(`map "${map}" has the type ${number}, which this library does not know`);
    return type;
  }

  #pinning(map: string, number: number): MapSpec['pinning'] {
    if (number !== 0 && number !== PIN_BY_NAME)
      throw this.#error(`map "${map}": pinning is ${number}, expected 0 or 1`);
    return number === PIN_BY_NAME ? 'by_name' : 'none';
  }

  /** `__array(values, ...)` is an array of pointers to inner maps or to programs. */
  #values(spec: Writable, member: BtfMember, depth: number): void {
    const array = this.#btf.resolve(member.type);
    const pointer = array.kind === 'array' ? this.#btf.resolve(array.type) : array;
    if (array.kind !== 'array' || pointer.kind !== 'ptr') {
      throw this.#error(`map "${spec.name}": values is a ${array.kind}, expected an array of pointers`);
    }
    const target: BtfType = this.#btf.resolve(pointer.type);
    this.values = { offset: member.bitOffset / 8, programs: target.kind === 'func_proto' };
    if (target.kind === 'func_proto') return;
    const values = this.values;
    spec.inner = this.read(`${spec.name}.inner`, pointer.type, depth + 1);
    this.values = values;
  }
}

/** The first entries of a map: what the relocations of its `values` point to. */
function entries(
  context: ObjectContext,
  section: ElfSection,
  variable: PlacedVariable,
  values: { readonly offset: number; readonly programs: boolean },
): MapEntrySpec[] {
  const start = variable.offset + values.offset;
  return context.elf
    .relocations(section)
    .filter(({ offset }) => offset >= start && offset < variable.offset + variable.size)
    .map((relocation) => {
      const { offset } = relocation;
      if ((offset - start) % POINTER !== 0) {
        throw problemAt(context.elf, section, offset, `an entry of map "${variable.name}" is not aligned`);
      }
      const key = (offset - start) / POINTER;
      const name = nameOf(context, pointee(context, section, relocation));
      return values.programs ? { key, program: name } : { key, map: name };
    });
}

/** The maps that BTF describes, each with its offset in the section. */
export function btfMaps(context: ObjectContext): { readonly offset: number; readonly spec: MapSpec }[] {
  const { elf, btf } = context;
  const section = elf.section(BTF_MAPS);
  if (section === undefined) return [];
  if (btf === undefined)
    throw problemAt(elf, section, undefined, 'map definitions without BTF: compile with -g');
  return placedVariables(context, section).map((variable) => {
    const definition = new Definition(btf, (problem) => problemAt(elf, section, variable.offset, problem));
    const spec = definition.read(variable.name, variable.type.type);
    const { values } = definition;
    if (values !== undefined) {
      spec.entries = entries(context, section, variable, values);
      if (spec.keySize === 0) spec.keySize = 4;
      if (spec.valueSize === 0) spec.valueSize = 4;
    }
    return { offset: variable.offset, spec };
  });
}
