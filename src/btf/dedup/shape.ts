import type { NewBtfType } from '../encode.ts';
import { referencesOf } from '../references.ts';

/** Separates the parts of a shape: no name contains it. */
const SEPARATOR = '\0';

/** Everything in a type except what it refers to. Types of different shapes are different types. */
export function shapeOf(type: NewBtfType): string {
  return [type.kind, type.name, ...details(type)].join(SEPARATOR);
}

function details(type: NewBtfType): readonly (string | number | bigint | boolean)[] {
  switch (type.kind) {
    case 'int':
      return [type.size, type.encoding, type.bits, type.bitOffset];
    case 'float':
      return [type.size];
    case 'array':
      return [type.length];
    case 'struct':
    case 'union':
      return [
        type.size,
        ...type.members.flatMap(({ name, bitOffset, bitSize }) => [name, bitOffset, bitSize]),
      ];
    case 'enum':
    case 'enum64':
      return [type.size, type.signed, ...type.values.flatMap(({ name, value }) => [name, value])];
    case 'fwd':
      return [type.of];
    case 'func':
    case 'var':
      return [type.linkage];
    case 'func_proto':
      return type.parameters.map(({ name }) => name);
    case 'decl_tag':
      return [type.component, type.attribute];
    case 'type_tag':
      return [type.attribute];
    default:
      return [];
  }
}

/** How deep labels look, and at how many references of each type on the way: enough to tell most types apart. */
const DEPTH = 4;
const WIDTH = 4;

/** Kinds by what they stand for: a forward declaration may turn out to be the same as a definition. */
function family(type: NewBtfType): string {
  if (type.kind === 'fwd') return type.of;
  return type.kind === 'enum64' ? 'enum' : type.kind;
}

/** A short text that equal types share. Most other types have another one. */
function labelOf(id: number, typeOf: (id: number) => NewBtfType | undefined, depth: number): string {
  const type = typeOf(id);
  if (type === undefined) return '-';
  const own = `${family(type)} ${type.name}`;
  if (depth === 0 || (type.name !== '' && type.kind !== 'type_tag' && type.kind !== 'decl_tag')) return own;
  const labels = referencesOf(type)
    .slice(0, WIDTH)
    .map((each) => labelOf(each, typeOf, depth - 1));
  return `${own}(${labels.join()})`;
}

/** A lookup key that types have in common if they may be equal. */
export function keyOf(
  type: NewBtfType,
  shape: string,
  typeOf: (id: number) => NewBtfType | undefined,
): string {
  const labels = referencesOf(type).map((id) => labelOf(id, typeOf, DEPTH - 1));
  return [shape, ...labels].join(SEPARATOR);
}

/** Whether a type only says that another of its name exists: a declared struct or union, an enum without values. */
export function isForward(type: NewBtfType): boolean {
  return type.kind === 'fwd' || (isEnum(type) && type.values.length === 0 && type.name !== '');
}

/** Whether `type` is what `forward` declares. */
export function defines(type: NewBtfType, forward: NewBtfType): boolean {
  if (type.name !== forward.name || isForward(type)) return false;
  return forward.kind === 'fwd' ? type.kind === forward.of : isEnum(type) && isEnum(forward);
}

function isEnum(type: NewBtfType): type is NewBtfType & { readonly kind: 'enum' | 'enum64' } {
  return type.kind === 'enum' || type.kind === 'enum64';
}
