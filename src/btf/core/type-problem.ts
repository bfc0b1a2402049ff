import type { BtfTypes } from '../btf-types.ts';
import { checkTypes } from '../check-types.ts';
import { typeDifference } from './compatible.ts';
import { StepCounter, Unrelocatable } from './problem.ts';

/**
 * Whether a type of the kernel can stand for one of an object. For functions, parameters and result count; for
 * pointers, their targets. Members and sizes do not matter.
 *
 * @returns what is different, `undefined` if nothing is
 */
export function typeProblem(
  local: BtfTypes,
  localId: number,
  target: BtfTypes,
  targetId: number,
): string | undefined {
  checkTypes('typeProblem: local', local);
  checkTypes('typeProblem: target', target);
  const side = (types: BtfTypes): { types: BtfTypes; pointerSize: number } => ({ types, pointerSize: 8 });
  const pair = { local: side(local), target: side(target), steps: new StepCounter() };
  try {
    return typeDifference(pair, local.resolve(localId).id, target.resolve(targetId).id);
  } catch (error) {
    if (error instanceof Unrelocatable) return error.message;
    throw error;
  }
}
