import { describeType } from './describe.ts';
import { sameName } from './names.ts';
import { isComposite, type Pair, sameKind } from './pair.ts';
import { Unrelocatable } from './problem.ts';

// The rules are those of libbpf and the kernel (tools/lib/bpf/relo_core.c). The functions here return what is
// different, or `undefined` if nothing is.

/** Levels of pointers, arrays and function prototypes that are compared. */
const MAX_DEPTH = 32;

function different(pair: Pair, localId: number, targetId: number): string {
  const wanted = describeType(pair.local.types, localId);
  return `${describeType(pair.target.types, targetId)} instead of ${wanted}`;
}

/** Integers for bit fields of old compilers, which are not values of their own. */
function isPartOfInteger(type: { readonly bitOffset: number }): boolean {
  return type.bitOffset !== 0;
}

/**
 * Whether a field can stand for another: both structs or unions, both pointers, both floats, both integers of any size
 * and sign, enums and declarations of the same name, or arrays of these.
 */
export function fieldDifference(pair: Pair, localId: number, targetId: number): string | undefined {
  let local = pair.local.types.resolveOutline(localId);
  let target = pair.target.types.resolveOutline(targetId);
  for (;;) {
    pair.steps.step();
    if (isComposite(local) && isComposite(target)) return undefined;
    if (!sameKind(local.kind, target.kind)) return different(pair, localId, targetId);
    if (local.kind !== 'array' || target.kind !== 'array') break;
    local = pair.local.types.resolveOutline(local.type);
    target = pair.target.types.resolveOutline(target.type);
  }
  switch (local.kind) {
    case 'ptr':
    case 'float':
      return undefined;
    case 'fwd':
    case 'enum':
    case 'enum64':
      if (local.name === '' || target.name === '' || sameName(local.name, target.name)) return undefined;
      return different(pair, localId, targetId);
    case 'int':
      if (target.kind === 'int' && !isPartOfInteger(local) && !isPartOfInteger(target)) return undefined;
      return different(pair, localId, targetId);
    default:
      return different(pair, localId, targetId);
  }
}

/**
 * Whether a type can stand for another of the same name. They need the same kind. For pointers and arrays, their
 * targets and elements must match too; for function prototypes, parameters and result. Members and sizes do not matter.
 */
export function typeDifference(
  pair: Pair,
  localId: number,
  targetId: number,
  level: number = MAX_DEPTH,
): string | undefined {
  let [localAt, targetAt] = [localId, targetId];
  if (!sameKind(pair.local.types.kindOf(localAt), pair.target.types.kindOf(targetAt))) {
    return different(pair, localId, targetId);
  }
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    pair.steps.step();
    const local = pair.local.types.resolveOutline(localAt);
    const target = pair.target.types.resolveOutline(targetAt);
    if (!sameKind(local.kind, target.kind)) return different(pair, localId, targetId);
    switch (local.kind) {
      case 'void':
      case 'struct':
      case 'union':
      case 'enum':
      case 'enum64':
      case 'fwd':
        return undefined;
      case 'int':
        if (target.kind === 'int' && !isPartOfInteger(local) && !isPartOfInteger(target)) return undefined;
        return different(pair, localId, targetId);
      case 'ptr':
      case 'array':
        if (!('type' in target)) return different(pair, localId, targetId);
        [localAt, targetAt] = [local.type, target.type];
        continue;
      case 'func_proto': {
        if (target.kind !== 'func_proto' || local.parameters.length !== target.parameters.length) {
          return different(pair, localId, targetId);
        }
        for (const [i, parameter] of local.parameters.entries()) {
          if (level <= 0) throw new Unrelocatable('function prototypes are nested too deeply');
          const other = pair.target.types.resolve(target.parameters[i]?.type ?? 0).id;
          const own = pair.local.types.resolve(parameter.type).id;
          const difference = typeDifference(pair, own, other, level - 1);
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
