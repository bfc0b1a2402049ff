import type { Codec } from './codec.ts';

/** Where the members of a structure lie. */
export interface Layout {
  readonly size: number;
  readonly align: number;
  /** The offset of each member, in order. */
  readonly offsets: readonly number[];
  /** The offset of every byte that no member covers. */
  readonly padding: readonly number[];
}

/**
 * Lays members out as C compilers do on every Linux ABI: each member at the next multiple of its alignment, and the
 * whole rounded up to the largest alignment. Packed structures have neither.
 */
export function layOut(members: readonly Codec<unknown>[], packed: boolean): Layout {
  const offsets: number[] = [];
  const padding: number[] = [];
  let end = 0;
  let align = 1;
  const advance = (multiple: number): void => {
    for (; end % multiple !== 0; end++) padding.push(end);
  };
  for (const member of members) {
    if (!packed) {
      advance(member.align);
      align = Math.max(align, member.align);
    }
    offsets.push(end);
    end += member.size;
  }
  advance(align);
  return { size: end, align, offsets, padding };
}
