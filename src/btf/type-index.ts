import { FormatError } from '../errors/index.ts';
import { BTF_KINDS, type BtfKind } from './types.ts';

/** Words before the elements of a type: name_off, info, size or type. */
export const TYPE_WORDS = 3;

/** Words of a type of each kind, whatever its vlen. Indexed by kind. */
const FIXED: Uint8Array = Uint8Array.from(
  [0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0],
  (more) => TYPE_WORDS + more,
);
/** Words that each element of a type's vlen takes. Indexed by kind. */
const PER_ELEMENT: Uint8Array = Uint8Array.of(0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3);

/**
 * Kind of a type, from its info word: seven bits since Linux 7.1's wider fields. Before, the bits above five are zero.
 */
export function kindOfInfo(info: number): number {
  return (info >>> 24) & 0x7f;
}

/** Number of elements of a type, from its info word: 24 bits. Older kernels write 16 and keep the rest zero. */
export function lengthOfInfo(info: number): number {
  return info & 0xff_ffff;
}

/** The kinds that have a type instead of being one. A kernel has four times as many of them as of named types. */
const DECLARATIONS: ReadonlySet<BtfKind> = new Set(['func', 'var', 'datasec', 'decl_tag']);

/** Whether a kind only has a type: functions, variables, tags. */
export function isDeclaration(kind: BtfKind): boolean {
  return DECLARATIONS.has(kind);
}

/** In a shape: marks a type proper. */
const PROPER = 0x08;

/**
 * What the loop below must know about a type: {@link FIXED} in the three lowest bits, {@link PROPER}, and {@link
 * PER_ELEMENT} above. Indexed by the highest byte of its info word, the kind and a flag. 0 for unknown kinds.
 */
const SHAPES: Uint8Array = new Uint8Array(0x100);
for (const [number, kind] of BTF_KINDS.entries()) {
  if (kind === 'void') continue;
  const elements = PER_ELEMENT[number] ?? 0;
  const shape = (FIXED[number] ?? 0) | (isDeclaration(kind) ? 0 : PROPER) | (elements << 4);
  SHAPES[number] = shape;
  SHAPES[0x80 | number] = shape;
}

/** The places of the types of a blob. */
export interface TypeIndex {
  /** Entry n is the word offset of the blob's n-th type. */
  readonly offsets: Uint32Array;
  /** The types that have a name, without declarations, in ascending order. */
  readonly named: Uint32Array;
}

/**
 * Finds where each type begins. This is all the work done for types nobody asks for.
 *
 * @throws FormatError at a type of unknown kind, or one that the section cuts off
 */
export function indexTypes(words: Uint32Array, file?: string): TypeIndex {
  const end = words.length;
  const offsets = new Uint32Array(Math.floor(end / TYPE_WORDS));
  const named = new Uint32Array(offsets.length);
  // One small table in a typed array, and locals only: the loop runs once per type of the kernel (120,000).
  const shapes = SHAPES;
  let count = 0;
  let namedCount = 0;
  const last = end - TYPE_WORDS;
  let at = 0;
  while (at <= last) {
    const info = words[at + 1] as number;
    const shape = shapes[info >>> 24] as number;
    if (shape === 0) {
      throw new FormatError(`type ${count + 1} has unknown kind ${kindOfInfo(info)}`, where(file, at + 1));
    }
    if ((shape & PROPER) !== 0 && words[at] !== 0) named[namedCount++] = at;
    offsets[count++] = at;
    at += (shape & 0x7) + (shape >>> 4) * (info & 0xff_ffff);
  }
  if (at !== end) {
    throw new FormatError(`type ${count} does not end with the section`, where(file, at));
  }
  return { offsets: offsets.subarray(0, count), named: named.slice(0, namedCount) };
}

function where(file: string | undefined, word: number): { file?: string; section: string; offset: number } {
  return { ...(file === undefined ? {} : { file }), section: '.BTF types', offset: word * 4 };
}
