import { type AsmItem, isLabel, type PoisonedInstruction, slotsOf } from '../../../asm/index.ts';
import { addToMessage, type BpfError, type VerifierError } from '../../../errors/index.ts';
import type { ExternResolver } from '../../externs/resolver.ts';
import type { ProgramSpec } from '../../spec/types.ts';

/** The program that the verifier refused. */
interface Refused {
  readonly externs: ExternResolver;
  readonly program: ProgramSpec;
  readonly items: readonly AsmItem[];
  readonly poisoned: readonly PoisonedInstruction[];
}

/** What the verifier says about a call of an unknown function. */
const UNKNOWN_CALL = /invalid func unknown#(\d+)/;

/** What the verifier says about functions that only GPL programs may call. Kernel functions have another text. */
const RESTRICTED = /from non-GPL compatible program|GPL-restricted|GPL compatible/;

/** The error that says what the kernel lacks. Otherwise the verifier's, which may get a note on the license. */
export function explainRefusal(
  error: VerifierError,
  { externs, program, items, poisoned }: Refused,
): BpfError {
  const number = Number(UNKNOWN_CALL.exec(error.log)?.[1] ?? -1);
  const slot = Number(/^(\d+):/.exec(error.instruction ?? '')?.[1] ?? -1);
  const missing = externs.missingFunction(number, `program "${program.name}"`);
  if (missing !== undefined) return Object.assign(missing, { cause: error });
  if (RESTRICTED.test(error.log)) {
    const has = program.license === '' ? 'the object has no license' : `its license is ${program.license}`;
    addToMessage(error, {
      after: `; ${has}: if the program is under the GPL, set char LICENSE[] SEC("license") = "GPL"`,
    });
    return error;
  }
  let at = 0;
  for (const [index, item] of items.entries()) {
    if (at === slot && !isLabel(item)) {
      const found = poisoned.find((one) => one.index === index);
      return found === undefined ? error : Object.assign(found.error(), { cause: error });
    }
    if (!isLabel(item)) at += slotsOf(item);
  }
  return error;
}
