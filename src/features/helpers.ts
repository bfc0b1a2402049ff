import { type Helper, helpers, type ProgLoadAttr, type ProgramType, programTypes } from '../abi/index.ts';
import { call, exit } from '../asm/index.ts';
import { BpfError } from '../errors/index.ts';
import { type Answer, denied, NO, unknown, YES } from './answer.ts';
import { remembered } from './cache.ts';
import { helperVariants } from './helper-variants.ts';
import { type Context, contextOf, type ProbeOptions } from './options.ts';
import { programTypeAnswer } from './program-types.ts';
import { EPERM, type Outcome, tryProgram } from './trial.ts';

/**
 * What the verifier says about a helper that it does not know, or does not allow for this type of program. Linux up to
 * 6.11 writes "invalid" and "unknown", later versions "program of this type".
 */
const UNAVAILABLE = /(invalid|unknown) func |program of this type cannot use helper /;
/** The call itself in the verifier's log: the verifier got that far, and any other problem comes after it. */
const REACHED = /\(85\) call /;

type Verdict = 'callable' | 'unavailable' | 'refused' | 'unclear';

function verdictOf(outcome: Outcome): Verdict {
  if (outcome.ok) return 'callable';
  if (UNAVAILABLE.test(outcome.log)) return 'unavailable';
  if (REACHED.test(outcome.log)) return 'callable';
  if (outcome.code === EPERM) return 'refused';
  // The kernel does not know this variant of the type, such as its attach type.
  return outcome.code === 'EINVAL' || outcome.code === 'E2BIG' ? 'unavailable' : 'unclear';
}

/** Asks about the helpers of one program type. */
export class HelperProbe {
  readonly #type: ProgramType;
  readonly #context: Context;
  readonly #typeAnswer: Answer;
  readonly #variants: readonly ProgLoadAttr[] | undefined;
  /** Variants that may not be loaded at all. Every helper would fail the same way, and errors are expensive. */
  readonly #refused = new Map<ProgLoadAttr, Outcome>();

  constructor(type: ProgramType, context: Context) {
    this.#type = type;
    this.#context = context;
    this.#typeAnswer = programTypeAnswer(type, context);
    this.#variants = helperVariants(type, context.evidence);
  }

  ask(helper: Helper): Answer {
    const question = `helper ${helper} of program type ${this.#type}`;
    return remembered(this.#context.answers, question, () => this.#ask(helper, question));
  }

  #ask(helper: Helper, what: string): Answer {
    const known = this.#context.evidence?.enumerator('bpf_func_id', `BPF_FUNC_${helper}`);
    if (known === false || this.#typeAnswer.answer === 'no') return NO;
    if (this.#variants === undefined) {
      const why = `what programs of type ${this.#type} may call depends on what they are loaded for`;
      return unknown(
        new BpfError(`Cannot find out about ${what}: ${why}`, { code: 'ERR_BPF_UNKNOWN_FEATURE' }),
      );
    }
    let refused: BpfError | undefined;
    let unclear: BpfError | undefined;
    let unavailable: BpfError | undefined;
    for (const variant of this.#variants) {
      const outcome = this.#try(variant, helper);
      const verdict = verdictOf(outcome);
      if (outcome.ok || verdict === 'callable') return YES;
      if (verdict === 'refused') refused ??= outcome.error;
      else if (verdict === 'unclear') unclear ??= outcome.error;
      else unavailable ??= outcome.error;
    }
    if (refused !== undefined) return denied(refused);
    if (unclear !== undefined) return unknown(unclear);
    const hidden =
      unavailable === undefined ? undefined : this.#context.privilege.mistrust(what, unavailable, helper);
    return hidden === undefined ? NO : denied(hidden);
  }

  #try(variant: ProgLoadAttr, helper: Helper): Outcome {
    const known = this.#refused.get(variant);
    if (known !== undefined) return known;
    const outcome = tryProgram(variant, [call(helpers.number(helper)), exit()], this.#context.token);
    if (!outcome.ok && outcome.code === EPERM && outcome.log === '') this.#refused.set(variant, outcome);
    return outcome;
  }
}

/**
 * Whether programs of a type may call a helper: with at least one attach type, sleepable or not. The kernel's BTF shows
 * only which helpers the kernel does not have. In most cases this loads a program, which needs CAP_BPF and for most
 * types CAP_NET_ADMIN or CAP_PERFMON, or a token. The verifier hides helpers from callers without CAP_PERFMON, so for
 * them a helper that it refuses is `denied`, not `no`.
 *
 * @throws TypeError for an unknown type, helper or option
 */
export function haveHelper(type: ProgramType, helper: Helper, options?: ProbeOptions): Answer {
  programTypes.number(type);
  helpers.number(helper);
  return new HelperProbe(type, contextOf(options)).ask(helper);
}
