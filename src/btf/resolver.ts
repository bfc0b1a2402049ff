import { FormatError } from '../errors/index.ts';
import type { BtfTypes } from './btf-types.ts';
import { type BtfMember, type BtfType, isModifier } from './types.ts';

/** Finds what types stand for, and remembers it: the work for all types is in proportion to their number. */
export class Resolver {
  readonly types: BtfTypes;
  readonly #resolved = new Map<number, BtfType>();

  constructor(types: BtfTypes) {
    this.types = types;
  }

  /**
   * The type that typedefs, qualifiers, type tags and variables lead to.
   *
   * @throws RangeError when there is no type `id`
   * @throws FormatError when the chain of types is malformed or closes on itself
   */
  resolve(id: number): BtfType {
    const way: number[] = [];
    let at = id;
    for (;;) {
      const known = this.#resolved.get(at);
      const type = known ?? this.types.byId(at);
      if (known !== undefined || !(isModifier(type.kind) || type.kind === 'var') || !('type' in type)) {
        for (const passed of way) this.#resolved.set(passed, type);
        return type;
      }
      if (way.length > this.types.count) throw this.error(id, 'types refer to each other in a circle');
      way.push(at);
      at = type.type;
    }
  }

  /** An error in type `id`. */
  error(id: number, problem: string): FormatError {
    return new FormatError(problem, { section: `.BTF type ${id}` });
  }
}

/**
 * Place and width of a bit field. Undefined for other members. Older compilers put them into the member's integer type.
 *
 * @param type - the member's, resolved
 */
export function bitsOf(member: BtfMember, type: BtfType): { start: number; width: number } | undefined {
  if (member.bitSize > 0) return { start: member.bitOffset, width: member.bitSize };
  if (type.kind === 'int' && (type.bits < type.size * 8 || member.bitOffset % 8 !== 0)) {
    return { start: member.bitOffset + type.bitOffset, width: type.bits };
  }
  return undefined;
}
