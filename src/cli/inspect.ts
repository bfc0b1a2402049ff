import { createFlagBits, mapCreateFlags, mapCreateFlagTable } from '../abi/index.ts';
import { slotsOf } from '../asm/index.ts';
import { describeType } from '../btf/index.ts';
import { CollectionSpec, type FunctionSpec, type MapSpec } from '../collection/index.ts';
import { columns, section, type TextStyle } from './columns.ts';
import { show } from './output.ts';

/** The options of `ebpf-ts inspect`, as the command line has them. */
export interface InspectOptions {
  readonly json?: boolean | undefined;
}

/** What `ebpf-ts inspect --json` prints. */
interface InspectJson {
  readonly file: string;
  readonly license: string;
  readonly littleEndian: boolean;
  readonly maps: readonly {
    readonly name: string;
    readonly type: string;
    readonly keySize: number;
    readonly valueSize: number;
    readonly maxEntries: number;
    /** BPF_F_... bits. */
    readonly flags: number;
    readonly pinning: 'none' | 'by_name';
  }[];
  readonly programs: readonly {
    readonly name: string;
    readonly section: string;
    readonly type: string | null;
    readonly attachType: string | null;
    readonly attachTo: string | null;
    /** Counts 8-byte slots, without those of the functions that it calls. */
    readonly instructions: number;
    readonly optional: boolean;
  }[];
  readonly functions: readonly {
    readonly name: string;
    readonly section: string;
    readonly instructions: number;
  }[];
  readonly variables: readonly {
    readonly name: string;
    readonly map: string;
    readonly offset: number;
    readonly size: number;
    readonly type: string;
    readonly constant: boolean;
  }[];
  readonly externs: readonly { readonly name: string; readonly kind: string; readonly weak: boolean }[];
  /** Pointers in variables, which get no value from a load. */
  readonly unsetPointers: readonly {
    readonly map: string;
    readonly offset: number;
    readonly variable: string | null;
    readonly target: string;
  }[];
  readonly coreRelocations: readonly {
    readonly function: string;
    /** The first slot that is relocated, counted in the function. */
    readonly instruction: number;
    readonly kind: string;
    readonly type: string;
    readonly access: string;
  }[];
}

const slots = ({ instructions }: FunctionSpec): number =>
  instructions.reduce((sum, instruction) => sum + slotsOf(instruction), 0);

/** A type as C refers to it. */
function typeName({ btf }: CollectionSpec, id: number): string {
  return btf === undefined || id === 0 ? 'void' : describeType(btf, id);
}

function relocationsOf(spec: CollectionSpec, fn: FunctionSpec): InspectJson['coreRelocations'][number][] {
  let slot = 0;
  return fn.instructions.flatMap((instruction) => {
    const at = slot;
    slot += slotsOf(instruction);
    const { core } = instruction;
    if (core === undefined) return [];
    const type = typeName(spec, core.typeId);
    return [{ function: fn.name, instruction: at, kind: core.kind, type, access: core.access }];
  });
}

/** The kernel's word of flags. `numa_node` has a field of its own in descriptions. */
function flagBits({ flags, numaNode }: MapSpec): number {
  return createFlagBits(flags) + (numaNode === undefined ? 0 : mapCreateFlags.numa_node);
}

function toJson(file: string, spec: CollectionSpec): InspectJson {
  const functions = [...Object.values(spec.programs), ...Object.values(spec.functions)];
  return {
    file,
    license: spec.license,
    littleEndian: spec.littleEndian,
    maps: Object.values(spec.maps).map((map) => ({
      ...{ name: map.name, type: map.type, keySize: map.keySize, valueSize: map.valueSize },
      ...{ maxEntries: map.maxEntries, flags: flagBits(map), pinning: map.pinning },
    })),
    programs: Object.values(spec.programs).map((program) => ({
      name: program.name,
      section: program.section,
      type: program.type ?? null,
      attachType: program.attachType ?? null,
      attachTo: program.attachTo ?? null,
      instructions: slots(program),
      optional: !program.autoload,
    })),
    functions: Object.values(spec.functions).map((fn) => ({
      ...{ name: fn.name, section: fn.section, instructions: slots(fn) },
    })),
    variables: Object.values(spec.variables).map(({ name, map, offset, size, typeId, constant }) => ({
      ...{ name, map, offset, size, type: typeName(spec, typeId), constant },
    })),
    externs: Object.values(spec.externs).map(({ name, kind, weak }) => ({ name, kind, weak })),
    unsetPointers: spec.unsetPointers.map(({ map, offset, variable, target }) => ({
      ...{ map, offset, variable: variable ?? null, target },
    })),
    coreRelocations: functions.flatMap((fn) => relocationsOf(spec, fn)),
  };
}

function toText(found: InspectJson, style: TextStyle): string {
  const parts: (readonly [string, readonly (readonly string[])[]])[] = [
    [
      'Maps',
      found.maps.map((map) => [
        map.name,
        map.type,
        `key ${map.keySize}, value ${map.valueSize}, entries ${map.maxEntries}`,
        [...mapCreateFlagTable.flags(map.flags), map.pinning === 'none' ? '' : 'pinned by name']
          .filter(Boolean)
          .join(' '),
      ]),
    ],
    [
      'Programs',
      found.programs.map((program) => [
        program.name,
        program.optional ? `${program.section} (optional)` : program.section,
        [program.type ?? 'type unknown', program.attachType, program.attachTo].filter(Boolean).join(' '),
        `${program.instructions} instructions`,
      ]),
    ],
    ['Functions', found.functions.map((fn) => [fn.name, fn.section, `${fn.instructions} instructions`])],
    [
      'Variables',
      found.variables.map((variable) => [
        variable.name,
        variable.type,
        `${variable.map}+${variable.offset}, ${variable.size} bytes${variable.constant ? ', constant' : ''}`,
      ]),
    ],
    ['Externs', found.externs.map(({ name, kind, weak }) => [name, weak ? `${kind} (weak)` : kind])],
    [
      'Pointers that get no value',
      found.unsetPointers.map(({ map, offset, variable, target }) => [
        ...[variable ?? '', `${map}+${offset}`, `to ${target}`],
      ]),
    ],
    [
      'CO-RE relocations',
      found.coreRelocations.map(({ function: fn, instruction, kind, type, access }) => [
        ...[`${fn}+${instruction}`, kind, type, access],
      ]),
    ],
  ];
  return parts
    .filter(([title, rows]) => title === 'Programs' || rows.length > 0)
    .map(([title, rows]) => section(title, rows.length === 0 ? '  none' : columns(rows, style), style))
    .join('\n');
}

/** `ebpf-ts inspect`: prints what an object file holds. Needs no kernel and no privilege. */
export async function inspect(file: string, options: InspectOptions): Promise<void> {
  show(toJson(file, await CollectionSpec.load(file)), options.json, toText);
}
