import { type AsmItem, label, slotsOf } from '../../asm/index.ts';
import { BpfError, didYouMean } from '../../errors/index.ts';
import type { FunctionSpec } from '../spec/types.ts';

/** A function within a linked program. */
export interface LinkedFunction {
  readonly name: string;
  /** Number of its `func` type; 0 when it has none. */
  readonly typeId: number;
  /** Its first instruction, in slots from the program's start. */
  readonly start: number;
}

/** A program with all the functions it reaches behind it. */
export interface LinkedProgram {
  /** Labels and copies of the instructions: changing them changes no spec. */
  readonly items: AsmItem[];
  /** The program itself first. */
  readonly functions: readonly LinkedFunction[];
}

/**
 * Puts a program and the functions it reaches, by calls and as callbacks, into one stream of instructions.
 *
 * @throws BpfError `ERR_BPF_LINK` when a function that is called is not there
 */
export function linkProgram(
  program: FunctionSpec,
  functions: { readonly [name: string]: FunctionSpec },
  programs: { readonly [name: string]: FunctionSpec } = {},
): LinkedProgram {
  const find = (name: string): FunctionSpec | undefined =>
    name === program.name ? program : (functions[name] ?? programs[name]);
  const order = new Set<FunctionSpec>([program]);
  // A set hands out what is added while it is walked.
  for (const fn of order) {
    for (const { target } of fn.instructions) {
      if (target === undefined) continue;
      const callee = find(target);
      if (callee === undefined) {
        throw new BpfError(
          `Cannot link program "${program.name}": function "${fn.name}" refers to "${target}", which is not there${didYouMean(target, [...Object.keys(functions), ...Object.keys(programs)])}`,
          { code: 'ERR_BPF_LINK' },
        );
      }
      order.add(callee);
    }
  }
  const items: AsmItem[] = [];
  const linked: LinkedFunction[] = [];
  let slot = 0;
  for (const { name, typeId, instructions } of order) {
    linked.push({ name, typeId, start: slot });
    items.push(label(name));
    for (const instruction of instructions) {
      items.push({ ...instruction });
      slot += slotsOf(instruction);
    }
  }
  return { items, functions: linked };
}
