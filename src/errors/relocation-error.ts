import { BpfError } from './bpf-error.ts';
import { brand, isBranded } from './brand.ts';
import { checkInit } from './init.ts';

/** A type of the kernel that a CO-RE relocation was tried with, and why it does not fit. */
export interface RefusedCandidate {
  /** In C, such as `struct task_struct`. */
  readonly name: string;
  /** Its number in the BTF of the kernel or of a module, or in the BTF that was given. */
  readonly typeId: number;
  readonly problem: string;
}

/** What a {@link RelocationError} is made from. */
export interface RelocationErrorInit {
  /** The kind of relocation, such as `field_byte_offset`. */
  readonly kind: string;
  /** What is relocated, in C, with the access string: `struct task_struct::mm (0:5)`. */
  readonly path: string;
  readonly candidates?: readonly RefusedCandidate[] | undefined;
  readonly cause?: unknown;
}

/** How many candidates the message lists. */
const SHOWN = 4;

/**
 * An instruction that depends on the kernel's types (CO-RE) cannot be adapted to them. Code
 * `ERR_BPF_RELOCATION`.
 */
export class RelocationError extends BpfError {
  override readonly name: string = 'RelocationError';
  /** The kind of relocation, such as `field_byte_offset`. */
  readonly kind: string;
  /** What was to be relocated, in C, with the access string: `struct task_struct::mm (0:5)`. */
  readonly path: string;
  /** The types of the kernel that were tried, and why each does not fit; empty if there is none with that name. */
  readonly candidates: readonly RefusedCandidate[];

  /** @param problem - the cause, and what to change */
  constructor(problem: string, init: RelocationErrorInit) {
    checkInit('RelocationError', init, ['kind', 'path']);
    const candidates = init.candidates ?? [];
    const shown = candidates
      .slice(0, SHOWN)
      .map((candidate) => `${candidate.name} (type ${candidate.typeId}): ${candidate.problem}`);
    if (candidates.length > SHOWN) shown.push(`${candidates.length - SHOWN} more`);
    const tried = shown.length === 0 ? '' : `: ${shown.join('; ')}`;
    super(`Cannot relocate ${init.kind} of ${init.path}: ${problem}${tried}`, {
      code: 'ERR_BPF_RELOCATION',
      cause: init.cause,
    });
    this.kind = init.kind;
    this.path = init.path;
    this.candidates = candidates;
  }

  static {
    brand(RelocationError, 'RelocationError');
  }

  /** Whether `value` is an error of this class, whichever copy of the library made it. */
  static override is(value: unknown): value is RelocationError {
    return isBranded(value, 'RelocationError');
  }
}
