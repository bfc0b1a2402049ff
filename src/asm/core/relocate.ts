import type { CoreRelocator } from '../../btf/index.ts';
import { checkArray, type RelocationError, wrongType } from '../../errors/index.ts';
import { type AsmItem, isLabel } from '../instruction.ts';
import { patch } from './patch.ts';

/** An instruction whose field, type or value the kernel does not have. */
export interface PoisonedInstruction {
  /** Its index in {@link Relocated.items}. */
  readonly index: number;
  /** What is missing. To be thrown when the verifier reaches the instruction. Made on demand. */
  readonly error: () => RelocationError;
}

/** A program adapted to a kernel. */
export interface Relocated<T extends AsmItem> {
  /** Takes as many slots as before. Instructions without relocation are the same objects as before. */
  readonly items: T[];
  /**
   * Instructions that became a call of no helper. They are no error if they are not reached, for example after a test
   * that the field exists. If they are reached, the verifier refuses the program.
   */
  readonly poisoned: readonly PoisonedInstruction[];
}

/**
 * Adapts instructions to a kernel: each instruction with a CO-RE relocation (`core`) gets the number that is right
 * there.
 *
 * @throws RelocationError when a relocation is malformed, ambiguous, or does not fit its instruction
 * @throws FormatError when types are malformed
 */
export function relocate<T extends AsmItem>(items: readonly T[], relocator: CoreRelocator): Relocated<T> {
  checkArray('relocate: items', items);
  if (typeof (relocator as Partial<CoreRelocator> | null | undefined)?.resolve !== 'function') {
    throw wrongType('relocate: relocator', 'a CoreRelocator', relocator);
  }
  const result: AsmItem[] = [];
  const poisoned: PoisonedInstruction[] = [];
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as T;
    if (typeof item !== 'object' || item === null)
      throw wrongType(`relocate: items[${i}]`, 'an instruction or a label', item);
    if (isLabel(item) || item.core === undefined) {
      result.push(item);
      continue;
    }
    const resolution = relocator.resolve(item.core);
    const patched = patch(item, resolution);
    if (typeof patched === 'string') throw resolution.error(patched);
    const { poison, instructions } = patched;
    if (poison !== undefined) {
      poisoned.push({ index: result.length, error: () => resolution.error(poison || undefined) });
    }
    result.push(...instructions);
  }
  // Instructions are only ever replaced by instructions, so the list keeps its type.
  return { items: result as T[], poisoned };
}
