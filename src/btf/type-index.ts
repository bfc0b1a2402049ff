import { FormatError } from '../errors/index.ts';
import { BTF_KINDS } from './types.ts';

/** Words before the elements of a type: name_off, info, size or type. */
export const TYPE_WORDS = 3;

/** Words that follow a type of each kind, whatever its vlen. Indexed by kind. */
const TAIL: readonly number[] = [0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0];
/** Words that each element of a type's vlen takes. Indexed by kind. */
const PER_ELEMENT: readonly number[] = [0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3];

/** Kind of a type, from its info word: seven bits since Linux 7.1's wider fields, zero above five before. */
export function kindOfInfo(info: number): number {
  return (info >>> 24) & 0x7f;
}

/** Number of elements of a type, from its info word: 24 bits; older kernels write 16 and keep the rest zero. */
export function lengthOfInfo(info: number): number {
  return info & 0xff_ffff;
}

/**
 * Finds where each type begins: entry n is the word offset of the blob's n-th type. This is all the
 * work done for types nobody asks for.
 *
 * @throws FormatError at a type of unknown kind, or one that the section ends within
 */
export function indexTypes(words: Uint32Array, file?: string): Uint32Array {
  const end = words.length;
  const offsets = new Uint32Array(Math.floor(end / TYPE_WORDS));
  // Two small tables in typed arrays, and locals only: the loop runs once per type of the kernel (120,000).
  const tail = Uint8Array.from(TAIL, (extra) => TYPE_WORDS + extra);
  const perElement = Uint8Array.from(PER_ELEMENT);
  const kinds = BTF_KINDS.length;
  let count = 0;
  let at = 0;
  while (at + TYPE_WORDS <= end) {
    const info = words[at + 1] as number;
    const kind = (info >>> 24) & 0x7f;
    if (kind === 0 || kind >= kinds) {
      throw new FormatError(`type ${count + 1} has unknown kind ${kind}`, where(file, at + 1));
    }
    offsets[count++] = at;
    at += (tail[kind] as number) + (perElement[kind] as number) * (info & 0xff_ffff);
  }
  if (at !== end) {
    throw new FormatError(`type ${count} does not end with the section`, where(file, at));
  }
  return offsets.subarray(0, count);
}

function where(file: string | undefined, word: number): { file?: string; section: string; offset: number } {
  return { ...(file === undefined ? {} : { file }), section: '.BTF types', offset: word * 4 };
}
