import type { BtfComposite, BtfEnum, BtfEnum64, BtfForward, BtfType } from '../types.ts';
import { describeType } from './describe.ts';
import { sameName } from './names.ts';
import { isEnum, type Pair } from './pair.ts';
import { Unrelocatable } from './problem.ts';

// The rules are those of `bpf_core_type_matches` in libbpf and the kernel (tools/lib/bpf/relo_core.c). The functions
// here return what is different, or `undefined` if nothing is.

const MAX_DEPTH = 32;

function different(pair: Pair, local: BtfType, target: BtfType): string {
  const wanted = describeType(pair.local.types, local.id);
  return `${describeType(pair.target.types, target.id)} instead of ${wanted}`;
}

/**
 * Whether a type has everything that the object's type of the same name has: members by name and, in turn, type; only
 * the name of structs that a pointer leads to; enum values by name; integers of the same size and sign.
 */
export function matchDifference(pair: Pair, localId: number, targetId: number): string | undefined {
  return compare(pair, localId, targetId, false, MAX_DEPTH);
}

function compare(
  pair: Pair,
  localId: number,
  targetId: number,
  behindPointer: boolean,
  level: number,
): string | undefined {
  if (level <= 0) throw new Unrelocatable('the type is nested too deeply');
  let [localAt, targetAt, behind] = [localId, targetId, behindPointer];
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    pair.steps.step();
    const local = pair.local.types.resolve(localAt);
    const target = pair.target.types.resolve(targetAt);
    if (!sameName(local.name, target.name)) return different(pair, local, target);
    switch (local.kind) {
      case 'void':
        return target.kind === 'void' ? undefined : different(pair, local, target);
      case 'fwd':
        return forwardMatches(local, target, behind) ? undefined : different(pair, local, target);
      case 'enum':
      case 'enum64':
        return isEnum(target) ? enumDifference(pair, local, target) : different(pair, local, target);
      case 'struct':
      case 'union':
        if (behind) return behindMatches(local, target) ? undefined : different(pair, local, target);
        if (target.kind !== local.kind) return different(pair, local, target);
        return memberDifference(pair, local, target, level);
      case 'int':
        if (
          target.kind === 'int' &&
          target.size === local.size &&
          (target.encoding === 'signed') === (local.encoding === 'signed')
        ) {
          return undefined;
        }
        return `${different(pair, local, target)}, with another size or sign`;
      case 'ptr':
        if (target.kind !== 'ptr') return different(pair, local, target);
        behind = true;
        [localAt, targetAt] = [local.type, target.type];
        continue;
      case 'array':
        if (target.kind !== 'array' || target.length !== local.length) return different(pair, local, target);
        [localAt, targetAt] = [local.type, target.type];
        continue;
      case 'func_proto': {
        if (target.kind !== 'func_proto' || target.parameters.length !== local.parameters.length) {
          return different(pair, local, target);
        }
        for (const [i, { type }] of local.parameters.entries()) {
          const difference = compare(pair, type, target.parameters[i]?.type ?? 0, behind, level - 1);
          if (difference !== undefined) return difference;
        }
        [localAt, targetAt] = [local.returnType, target.returnType];
        continue;
      }
      default:
        return `types of kind ${local.kind} cannot be compared`;
    }
  }
  throw new Unrelocatable('the type is nested too deeply');
}

function forwardMatches(local: BtfForward, target: BtfType, behindPointer: boolean): boolean {
  if (target.kind === 'fwd') return local.of === target.of;
  return behindPointer && target.kind === local.of;
}

function behindMatches(local: BtfComposite, target: BtfType): boolean {
  return target.kind === local.kind || (target.kind === 'fwd' && target.of === local.kind);
}

function enumDifference(
  pair: Pair,
  local: BtfEnum | BtfEnum64,
  target: BtfEnum | BtfEnum64,
): string | undefined {
  if (local.size !== target.size) return `${target.size} bytes instead of ${local.size}`;
  // A target with fewer values cannot hold all of them, even if two of the names differ only in flavour.
  pair.steps.step(target.values.length);
  const names = local.values.length > target.values.length ? [] : target.values.map(({ name }) => name);
  for (const { name } of local.values) {
    pair.steps.step(names.length + 1);
    if (!names.some((other) => sameName(name, other))) return `no value ${name}`;
  }
  return undefined;
}

function memberDifference(
  pair: Pair,
  local: BtfComposite,
  target: BtfComposite,
  level: number,
): string | undefined {
  if (local.members.length > target.members.length) {
    return `${target.members.length} members, fewer than the ${local.members.length} required`;
  }
  for (const member of local.members) {
    let reason = 'there is no member of this name';
    let matched = false;
    for (const other of target.members) {
      pair.steps.step();
      if (!sameName(member.name, other.name)) continue;
      const difference = compare(pair, member.type, other.type, false, level - 1);
      matched = difference === undefined;
      if (matched) break;
      reason = difference ?? reason;
    }
    if (!matched) return `member ${member.name || '(anonymous)'}: ${reason}`;
  }
  return undefined;
}
