import type { CoreRelocation } from '../ext/index.ts';
import type { AccessSpec } from './access.ts';
import type { CoreValue } from './core-value.ts';
import { fieldValue } from './field-value.ts';
import { familyOf } from './kinds.ts';
import { isEnum } from './pair.ts';
import { Unrelocatable } from './problem.ts';
import { type Side, sizeOf } from './side.ts';

/** What a relocation says about something that exists. @throws Unrelocatable when it cannot be said */
export function valueFor(
  side: Side,
  kind: CoreRelocation['kind'],
  spec: AccessSpec,
  littleEndian: boolean,
): CoreValue {
  switch (familyOf(kind)) {
    case 'field':
      return fieldValue(side, String(kind), spec, littleEndian);
    case 'type':
      return typeValue(side, String(kind), spec.root);
    default:
      return kind === 'enumval_exists' ? { value: 1n, check: true } : enumValue(side, spec);
  }
}

/**
 * What a relocation says about something that no type of the target has. `undefined` if the instruction must not run.
 */
export function valueForMissing(kind: CoreRelocation['kind']): bigint | undefined {
  return kind === 'field_exists' || kind === 'enumval_exists' || familyOf(kind) === 'type' ? 0n : undefined;
}

function typeValue(side: Side, kind: string, id: number): CoreValue {
  switch (kind) {
    // Linkers give types new numbers and leave the instructions as they are.
    case 'type_id_local':
    case 'type_id_target':
      return { value: BigInt(id), check: false };
    case 'type_size':
      return { value: BigInt(sizeOf(side, id)), check: true };
    default:
      return { value: 1n, check: true };
  }
}

function enumValue(side: Side, spec: AccessSpec): CoreValue {
  const [accessor] = spec.accessors;
  const type = accessor === undefined ? undefined : side.types.outline(accessor.typeId);
  const found = type !== undefined && isEnum(type) ? type.values[accessor?.index ?? 0] : undefined;
  if (type === undefined || found === undefined) throw new Unrelocatable('there is no such enum value');
  // Values of 32 bits are extended as signed ones, whatever the enum says. libbpf and the kernel do the same.
  const { value } = found;
  return { value: BigInt.asUintN(64, typeof value === 'number' ? BigInt(value | 0) : value), check: true };
}
