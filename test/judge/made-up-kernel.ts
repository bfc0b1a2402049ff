/** Makes up kernels: the types of an object file, with members that are moved, widened, renamed, removed or added. */
import fc from 'fast-check';
import {
  BtfBuilder,
  type BtfMember,
  type BtfTypes,
  isModifier,
  type NewBtfType,
} from '../../src/btf/index.ts';

/** One change. The numbers choose what to change and where; any number will do. */
export interface Change {
  readonly type: number;
  readonly element: number;
  readonly how: number;
  readonly value: number;
}

export const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({ type: fc.nat(), element: fc.nat(), how: fc.nat(999), value: fc.nat() }),
  { minLength: 1, maxLength: 12 },
);

const SIZES = [1, 2, 4, 8];
const ENCODINGS = ['unsigned', 'signed', 'char', 'bool'] as const;

function pick<T>(list: readonly T[], number: number): T | undefined {
  return list.length === 0 ? undefined : list[number % list.length];
}

/** A type that can replace another. It is never a modifier, so that chains of modifiers do not form a ring. */
function anyTarget(types: readonly NewBtfType[], value: number): number {
  const ids = types.flatMap((type, i) =>
    isModifier(type.kind) || ['func', 'var', 'datasec', 'decl_tag'].includes(type.kind) ? [] : [i + 1],
  );
  return pick(ids, value) ?? 0;
}

function changeMembers(members: BtfMember[], types: NewBtfType[], change: Change): BtfMember[] {
  const { element, how, value } = change;
  const index = members.length === 0 ? 0 : element % members.length;
  const member = members[index];
  if (member === undefined) return members;
  const put = (part: Partial<BtfMember>): BtfMember[] => members.with(index, { ...member, ...part });
  switch (how % 10) {
    case 0:
      return members.toSpliced(index, 1);
    case 1:
      return put({ name: `${member.name}_renamed` });
    case 2:
      return put({ type: anyTarget(types, value) });
    case 3: // everything after it moves
      return members.map((other, i) =>
        i < index || other.bitOffset === 0 ? other : { ...other, bitOffset: other.bitOffset + 64 },
      );
    case 4:
      return put({ bitOffset: member.bitOffset + (value % 64) * 8 });
    case 5:
      return put({ bitSize: member.bitSize === 0 ? 1 + (value % 31) : 0 });
    case 6:
      return put({ bitOffset: member.bitOffset + (value % 16), bitSize: 1 + (value % 40) });
    case 7: // into an anonymous struct
      types.push({
        kind: 'struct',
        name: '',
        size: 16,
        members: [{ ...member, bitOffset: (value % 4) * 8 }],
      });
      return put({ name: '', type: types.length, bitSize: 0 });
    case 8:
      return members.toReversed();
    default:
      return put({ bitOffset: 0x8_0000 * 8 });
  }
}

function changed(type: NewBtfType, types: NewBtfType[], change: Change): NewBtfType {
  const { element, how, value } = change;
  switch (type.kind) {
    case 'struct':
    case 'union': {
      if (how % 13 === 12) return { ...type, kind: type.kind === 'struct' ? 'union' : 'struct' };
      if (how % 13 === 11) return { ...type, size: type.size + (value % 16) };
      return { ...type, members: changeMembers([...type.members], types, change) };
    }
    case 'int':
      if (how % 3 === 0) return { ...type, encoding: pick(ENCODINGS, value) ?? 'unsigned' };
      return { ...type, size: pick(SIZES, value) ?? 4, bits: (pick(SIZES, value) ?? 4) * 8 };
    case 'enum': {
      // An earlier change may have removed its last value.
      if (type.values.length === 0) return type;
      const index = element % type.values.length;
      const old = type.values[index] ?? { name: 'NONE', value: 0 };
      if (how % 6 === 0) return { ...type, size: pick(SIZES, value) ?? 4 };
      if (how % 6 === 1)
        return { ...type, signed: !type.signed, values: type.values.map((v) => ({ ...v, value: 1 })) };
      if (how % 6 === 2) {
        const values = type.values.map((v) => ({
          ...v,
          value: BigInt.asIntN(64, BigInt(v.value) * 0x1_0000_0001n),
        }));
        return { ...type, kind: 'enum64', size: 8, signed: true, values };
      }
      if (how % 6 === 3) return { ...type, values: type.values.toSpliced(index, 1) };
      const next = how % 6 === 4 ? { ...old, name: `${old.name}___flavour` } : { ...old, value: value % 100 };
      return { ...type, values: type.values.with(index, next) };
    }
    case 'array':
      return how % 3 === 0 ? { ...type, type: anyTarget(types, value) } : { ...type, length: value % 5 };
    case 'float':
      return { ...type, size: how % 2 === 0 ? 4 : 8 };
    case 'ptr':
    case 'typedef':
    case 'const':
    case 'volatile':
      return { ...type, type: anyTarget(types, value) };
    case 'func_proto':
      if (how % 2 === 0) return { ...type, parameters: type.parameters.slice(1) };
      return { ...type, returnType: anyTarget(types, value) };
    default:
      return type;
  }
}

/** libbpf divides by the size of a bit field's type, so bit fields can only have the types that C allows. */
function withBitFieldsOfIntegers(type: NewBtfType, types: readonly NewBtfType[]): NewBtfType {
  if (type.kind !== 'struct' && type.kind !== 'union') return type;
  const isInteger = (id: number): boolean => {
    let at = types[id - 1];
    for (
      let steps = 0;
      at !== undefined && isModifier(at.kind) && 'type' in at && steps < types.length;
      steps++
    )
      at = types[at.type - 1];
    return at?.kind === 'int' || at?.kind === 'enum' || at?.kind === 'enum64';
  };
  const members = type.members.map((member) => (isInteger(member.type) ? member : { ...member, bitSize: 0 }));
  return { ...type, members };
}

/** The kinds of types that changes affect. */
const CHANGEABLE = ['struct', 'union', 'int', 'enum', 'array', 'float', 'ptr', 'typedef', 'func_proto'];

/** The types after the changes. Some changes add a second type of the same name, changed or not, or a flavour. */
export function madeUpKernel(local: BtfTypes, list: readonly Change[]): Uint8Array {
  const types = [...local].map((type) => type as NewBtfType);
  for (const change of list) {
    const places = types.flatMap((type, i) => (CHANGEABLE.includes(type.kind) ? [i] : []));
    const at = pick(places, change.type);
    const type = at === undefined ? undefined : types[at];
    if (at === undefined || type === undefined) continue;
    if (change.how % 7 === 0) {
      const suffix = change.value % 2 === 0 ? '___other' : '';
      const next = change.value % 3 === 0 ? type : changed(type, types, change);
      types.push({ ...next, name: next.name === '' ? '' : `${next.name}${suffix}` });
    } else if (change.how % 50 === 1 && type.name !== '') {
      types[at] = { ...type, name: `${type.name}_gone` };
    } else {
      types[at] = changed(type, types, change);
    }
  }
  const builder = new BtfBuilder();
  for (const type of types) builder.add(withBitFieldsOfIntegers(type, types));
  return builder.encode();
}
