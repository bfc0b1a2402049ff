import { FormatError } from '../errors/index.ts';
import type { BtfTypes } from './btf-types.ts';
import { checkTypes } from './check-types.ts';
import type { BtfMember } from './types.ts';

/**
 * The most anonymous structs within each other. The kernel allows 32. The limit keeps hostile types from exhausting the
 * stack.
 */
const MAX_DEPTH = 256;

/**
 * Finds a member of a struct or union by name, also in its anonymous structs and unions, as C does.
 *
 * @param id - a struct or union, or a typedef or qualified form of one
 * @returns the member, with its offset counted from the start of the outermost type; `undefined` when there is none, or
 *   `id` is another kind of type
 * @throws RangeError when there is no type `id`
 * @throws FormatError when a type on the way is malformed
 */
export function findMember(types: BtfTypes, id: number, name: string): BtfMember | undefined {
  checkTypes('findMember: types', types);
  // A type without the member the first time has none the second time either. This also ends circles.
  const seen = new Set<number>();
  function search(inside: number, bitOffset: number, depth: number): BtfMember | undefined {
    if (depth > MAX_DEPTH) {
      throw new FormatError(`structs nested deeper than ${MAX_DEPTH}`, { section: `.BTF type ${id}` });
    }
    const type = types.resolve(inside);
    if ((type.kind !== 'struct' && type.kind !== 'union') || seen.has(type.id)) return undefined;
    seen.add(type.id);
    for (const member of type.members) {
      const at = bitOffset + member.bitOffset;
      if (member.name === name) return { ...member, bitOffset: at };
      const found = member.name === '' ? search(member.type, at, depth + 1) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return name === '' ? undefined : search(id, 0, 0);
}
