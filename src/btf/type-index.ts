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

/** Kind of a type, from its info word: seven bits since Linux 7.1's wider fields, zero above five before. */
export function kindOfInfo(info: number): number {
  return (info >>> 24) & 0x7f;
}

/** Number of elements of a type, from its info word: 24 bits; older kernels write 16 and keep the rest zero. */
export function lengthOfInfo(info: number): number {
  return info & 0xff_ffff;
}

/** The kinds that have a type instead of being one. A kernel has four times as many of them as of named types. */
const DECLARATIONS: ReadonlySet<BtfKind> = new Set(['func', 'var', 'datasec', 'decl_tag']);

/** Whether a kind only has a type: functions, variables, tags. */
export function isDeclaration(kind: BtfKind): boolean {
  return DECLARATIONS.has(kind);
}

/** 1 for kinds that are types proper. Indexed by kind. */
const PROPER: Uint8Array = Uint8Array.from(BTF_KINDS, (kind) => (isDeclaration(kind) ? 0 : 1));

/** Where the types of a blob are. */
export interface TypeIndex {
  /** Entry n is the word offset of the blob's n-th type. */
  readonly offsets: Uint32Array;
  /** Indices (into `offsets`) of the types that have a name, declarations not included, in ascending order. */
  readonly named: Uint32Array;
}

/**
 * Finds where each type begins. This is all the work done for types nobody asks for.
 *
 * @throws FormatError at a type of unknown kind, or one that the section ends within
 */
export function indexTypes(words: Uint32Array, file?: string): TypeIndex {
  const end = words.length;
  const offsets = new Uint32Array(Math.floor(end / TYPE_WORDS));
  const named = new Uint32Array(offsets.length);
  // Small tables in typed arrays, and locals only: the loop runs once per type of the kernel (120,000).
  const fixed = FIXED;
  const perElement = PER_ELEMENT;
  const proper = PROPER;
  const kinds = BTF_KINDS.length;
  let count = 0;
  let namedCount = 0;
  let at = 0;
  while (at + TYPE_WORDS <= end) {
    const info = words[at + 1] as number;
    const kind = (info >>> 24) & 0x7f;
    if (kind === 0 || kind >= kinds) {
      throw new FormatError(`type ${count + 1} has unknown kind ${kind}`, where(file, at + 1));
    }
    if (proper[kind] === 1 && words[at] !== 0) named[namedCount++] = count;
    offsets[count++] = at;
    at += (fixed[kind] as number) + (perElement[kind] as number) * (info & 0xff_ffff);
  }
  if (at !== end) {
    throw new FormatError(`type ${count} does not end with the section`, where(file, at));
  }
  return { offsets: offsets.subarray(0, count), named: named.slice(0, namedCount) };
}

function where(file: string | undefined, word: number): { file?: string; section: string; offset: number } {
  return { ...(file === undefined ? {} : { file }), section: '.BTF types', offset: word * 4 };
}
