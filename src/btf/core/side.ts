import type { BtfTypes } from '../btf-types.ts';
import { type BtfOutline, isModifier } from '../types.ts';
import { Unrelocatable } from './problem.ts';

/** Types, and the size of their pointers. */
export interface Side {
  readonly types: BtfTypes;
  /** In bytes. */
  readonly pointerSize: number;
}

/** Compilers' names for `long`, the type as large as a pointer. */
const LONG: ReadonlySet<string> = new Set([
  'long',
  'long int',
  'int long',
  'unsigned long',
  'long unsigned',
  'long unsigned int',
  'long int unsigned',
  'unsigned long int',
  'unsigned int long',
  'int long unsigned',
  'int unsigned long',
]);

/** Bytes of a pointer on the machine of these types: as many as a `long` has, or 8 if none is found. */
export function pointerSizeOf(types: BtfTypes): number {
  if (types.base !== undefined) return pointerSizeOf(types.base);
  for (let id = 1; id <= types.count; id++) {
    if (types.kindOf(id) !== 'int') continue;
    if (!LONG.has(types.nameOf(id))) continue;
    const type = types.byId(id);
    if (type.kind === 'int' && (type.size === 4 || type.size === 8)) return type.size;
  }
  return 8;
}

/** More levels than real types have, so that circles end. */
const MAX_DEPTH = 32;

/**
 * Bytes of a type.
 *
 * @throws Unrelocatable when it has no size, for example a struct that is only declared
 */
export function sizeOf(side: Side, id: number): number {
  let count = 1;
  let type = side.types.outline(id);
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (type.kind === 'ptr') return count * side.pointerSize;
    if (type.kind === 'array') count *= type.length;
    else if (!isModifier(type.kind) && type.kind !== 'var') {
      const size = 'size' in type ? count * type.size : Number.NaN;
      if (Number.isSafeInteger(size)) return size;
      break;
    }
    type = side.types.outline('type' in type ? type.type : 0);
  }
  throw new Unrelocatable(`${type.name === '' ? `a ${type.kind}` : type.name} has no size`);
}

/** The type of the elements, however many dimensions an array has. For anything else, the type itself. */
export function elementOf(side: Side, id: number): BtfOutline {
  let type = side.types.resolveOutline(id);
  for (let depth = 0; type.kind === 'array'; depth++) {
    if (depth > MAX_DEPTH) throw new Unrelocatable('an array contains itself');
    type = side.types.resolveOutline(type.type);
  }
  return type;
}
