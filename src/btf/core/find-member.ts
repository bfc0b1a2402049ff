import { Buffer } from 'node:buffer';
import type { BtfMember } from '../types.ts';
import { MAX_LEVELS } from './access.ts';
import { fieldDifference } from './compatible.ts';
import { isComposite, type Pair } from './pair.ts';
import { Unrelocatable } from './problem.ts';

/** Where a member was found. */
export interface FoundMember {
  /** The struct or union that holds it, perhaps an anonymous one. */
  readonly owner: number;
  readonly index: number;
  /** The offset from the start of the type that was searched. */
  readonly bitOffset: number;
  readonly type: number;
  /** How many levels down it is; 1 without anonymous structs in between. */
  readonly levels: number;
}

/**
 * Finds the member of a target type that stands for a member of an object's type, by name and then by type. Also
 * searches anonymous structs and unions.
 *
 * @param level - levels that lead to the type
 * @param name - the member's, and its NUL
 * @returns the member, or why there is none
 */
export function findTargetMember(
  pair: Pair,
  wanted: BtfMember,
  targetId: number,
  level: number,
  name: Uint8Array = Buffer.from(`${wanted.name}\0`),
): FoundMember | string {
  const { types } = pair.target;
  const type = types.resolveOutline(targetId);
  if (!isComposite(type))
    return `a ${type.kind} instead of a struct or union, without member "${wanted.name}"`;
  let problem = `no member "${wanted.name}"`;
  for (let index = -1; ; ) {
    const next = types.nextMember(type.id, name, index + 1);
    pair.steps.step((next === -1 ? type.length : next + 1) - index - 1);
    const member = types.member(type.id, next);
    if (member === undefined) return problem;
    index = next;
    if (level >= MAX_LEVELS) throw new Unrelocatable(`structs are nested deeper than ${MAX_LEVELS}`);
    if (member.name !== '') {
      const difference = fieldDifference(pair, wanted.type, member.type);
      if (difference !== undefined) return `member "${wanted.name}" is ${difference}`;
      return { owner: type.id, index, bitOffset: member.bitOffset, type: member.type, levels: 1 };
    }
    const found = findTargetMember(pair, wanted, member.type, level + 1, name);
    if (typeof found !== 'string') {
      return { ...found, bitOffset: found.bitOffset + member.bitOffset, levels: found.levels + 1 };
    }
    if (found.startsWith('member ')) problem = found;
  }
}
