import type { CoreRelocation } from '../ext/index.ts';
import { type Accessor, type AccessSpec, checkedOffset, isFlexible, MAX_LEVELS, memberOf } from './access.ts';
import { typeDifference } from './compatible.ts';
import { findTargetMember } from './find-member.ts';
import { familyOf } from './kinds.ts';
import { matchDifference } from './matches.ts';
import { essentialName } from './names.ts';
import { isEnum, type Pair } from './pair.ts';
import { Unrelocatable } from './problem.ts';
import { sizeOf } from './side.ts';

/**
 * Finds the subject of a relocation in a type of the target.
 *
 * @param spec - the subject in the object's types
 * @returns the same in the target's types, or why the target's type does not match
 * @throws Unrelocatable when that cannot be decided
 */
export function matchTarget(
  pair: Pair,
  kind: CoreRelocation['kind'],
  spec: AccessSpec,
  targetId: number,
): AccessSpec | string {
  switch (familyOf(kind)) {
    case 'type': {
      const differ = kind === 'type_matches' ? matchDifference : typeDifference;
      return differ(pair, spec.root, targetId) ?? { root: targetId, accessors: [], bitOffset: 0 };
    }
    case 'enumval':
      return matchEnumValue(pair, spec, targetId);
    default:
      return matchField(pair, spec, targetId);
  }
}

function matchEnumValue(pair: Pair, spec: AccessSpec, targetId: number): AccessSpec | string {
  const type = pair.target.types.resolve(targetId);
  if (!isEnum(type)) return `a ${type.kind} instead of an enum`;
  const wanted = spec.accessors[0]?.name ?? '';
  const essential = essentialName(wanted);
  pair.steps.step(type.values.length);
  const values: readonly { readonly name: string }[] = type.values;
  const index = values.findIndex(({ name }) => name === wanted || essentialName(name) === essential);
  if (index === -1) return `no value ${wanted}`;
  return { root: targetId, accessors: [{ typeId: type.id, index, name: wanted }], bitOffset: 0 };
}

function matchField(pair: Pair, spec: AccessSpec, targetId: number): AccessSpec | string {
  const { types } = pair.target;
  const accessors: Accessor[] = [];
  let bitOffset = 0;
  let level = 0;
  let at = targetId;
  for (let i = 0; i < spec.accessors.length; i++) {
    const accessor = spec.accessors[i] as Accessor;
    const wanted = memberOf(pair.local.types, accessor);
    if (wanted !== undefined) {
      const found = findTargetMember(pair, wanted, at, level);
      if (typeof found === 'string') return found;
      accessors.push({ typeId: found.owner, index: found.index, name: wanted.name });
      bitOffset += found.bitOffset;
      level += found.levels;
      at = found.type;
    } else {
      const array = types.resolveOutline(at);
      let element = array.id;
      if (i > 0) {
        if (array.kind !== 'array') return `a ${array.kind} instead of an array`;
        if (accessor.index >= array.length && !isFlexible(types, accessors.at(-1), array)) {
          return `an array of ${array.length}, too short for element ${accessor.index}`;
        }
        element = types.resolveOutline(array.type).id;
      }
      if (level >= MAX_LEVELS) throw new Unrelocatable(`structs are nested deeper than ${MAX_LEVELS}`);
      accessors.push({ typeId: element, index: accessor.index, name: undefined });
      bitOffset += accessor.index * sizeOf(pair.target, element) * 8;
      level++;
      at = element;
    }
    checkedOffset(bitOffset);
  }
  return { root: targetId, accessors, bitOffset };
}
