import { type AsmItem, label, slotsOf } from '../../asm/index.ts';
import { BpfError, didYouMean } from '../../errors/index.ts';
import type { FunctionSpec, ProgramSpec } from '../spec/types.ts';

/** A function within a linked program. */
export interface LinkedFunction {
  readonly name: string;
  /** Number of its `func` type; 0 when it has none. */
  readonly typeId: number;
  /** Its first instruction, in slots from the program's start. */
  readonly start: number;
}

/** A program and, after it, all functions that it reaches. */
export interface LinkedProgram {
  /** Labels and copies of the instructions: changing them changes no spec. */
  readonly items: AsmItem[];
  /** The program itself first. */
  readonly functions: readonly LinkedFunction[];
  /** What the instructions refer to. With it, later stages skip programs that have nothing for them. */
  readonly refers: References;
}

/** What the instructions of a program refer to. */
export interface References {
  /** Names of what the kernel must provide. */
  readonly externs: ReadonlySet<string>;
  readonly maps: boolean;
  /** Whether there are CO-RE relocations. */
  readonly core: boolean;
}

const NO_EXTERNS: ReadonlySet<string> = new Set();

/** A program, or a function alone. */
type LinkableProgram = FunctionSpec & Partial<Pick<ProgramSpec, 'exceptionCallback'>>;

/**
 * The functions that a program reaches: the program first, then depth first by the first reference to each. libbpf has
 * the same order, so programs get the same tag.
 */
function reached(
  program: LinkableProgram,
  find: (from: FunctionSpec, target: string) => FunctionSpec,
): Set<FunctionSpec> {
  const order = new Set<FunctionSpec>();
  const walk = (root: FunctionSpec): void => {
    if (order.has(root)) return;
    order.add(root);
    const walks = [{ fn: root, next: 0 }];
    for (let at = walks.at(-1); at !== undefined; at = walks.at(-1)) {
      const { instructions } = at.fn;
      let target: string | undefined;
      while (target === undefined && at.next < instructions.length) target = instructions[at.next++]?.target;
      if (target === undefined) {
        walks.pop();
        continue;
      }
      const callee = find(at.fn, target);
      if (order.has(callee)) continue;
      order.add(callee);
      walks.push({ fn: callee, next: 0 });
    }
  };
  walk(program);
  // No instruction refers to the callback: the kernel finds it by a tag in BTF.
  if (program.exceptionCallback !== undefined) walk(find(program, program.exceptionCallback));
  return order;
}

/**
 * Puts a program and the functions it reaches, by calls and as callbacks, into one stream of instructions.
 *
 * @throws BpfError `ERR_BPF_LINK` when a function that is referred to does not exist
 */
export function linkProgram(
  program: LinkableProgram,
  functions: { readonly [name: string]: FunctionSpec },
  programs: { readonly [name: string]: FunctionSpec } = {},
): LinkedProgram {
  const find = (name: string): FunctionSpec | undefined =>
    name === program.name ? program : (functions[name] ?? programs[name]);
  const order = reached(program, (fn, target) => {
    const callee = find(target);
    if (callee !== undefined) return callee;
    throw new BpfError(
      `Cannot link program "${program.name}": function "${fn.name}" refers to "${target}", which does not exist${didYouMean(target, [...Object.keys(functions), ...Object.keys(programs)])}`,
      { code: 'ERR_BPF_LINK' },
    );
  });
  const items: AsmItem[] = [];
  const linked: LinkedFunction[] = [];
  let externs: Set<string> | undefined;
  let [maps, core] = [false, false];
  let slot = 0;
  for (const { name, typeId, instructions } of order) {
    linked.push({ name, typeId, start: slot });
    items.push(label(name));
    for (const instruction of instructions) {
      items.push({ ...instruction });
      if (instruction.map !== undefined) maps = true;
      if (instruction.core !== undefined) core = true;
      if (instruction.extern !== undefined) {
        externs ??= new Set();
        externs.add(instruction.extern);
      }
      slot += slotsOf(instruction);
    }
  }
  return { items, functions: linked, refers: { externs: externs ?? NO_EXTERNS, maps, core } };
}
