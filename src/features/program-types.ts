import { type ProgramType, programTypes } from '../abi/index.ts';
import { exit, mov, r0 } from '../asm/index.ts';
import { type Answer, denied, fromFact, NO, unknown, YES } from './answer.ts';
import { remembered } from './cache.ts';
import type { Evidence } from './evidence.ts';
import { type Context, contextOf, type ProbeOptions } from './options.ts';
import { programAttr, programProbes } from './program-probes.ts';
import { EPERM, type Outcome, tryProgram } from './trial.ts';

/** What BTF proves about a program type. */
function proof(type: ProgramType, evidence: Evidence): boolean | undefined {
  if (evidence.enumerator('bpf_prog_type', `BPF_PROG_TYPE_${type.toUpperCase()}`) === false) return false;
  return evidence.functions(...programProbes[type].functions) ? true : undefined;
}

/**
 * What an attempt to load a program says about its program type and attach type. The verifier starts after the kernel
 * has accepted both. So they exist if there is anything in the log.
 */
export function judgeProgram(outcome: Outcome): Answer {
  if (outcome.ok || outcome.log !== '') return YES;
  switch (outcome.code) {
    case EPERM:
      return denied(outcome.error);
    case 'ENOTSUPP': // struct_ops: there is no such struct, which the kernel looks for last
      return YES;
    case 'EINVAL': // no such type
    case 'E2BIG': // an attribute that came with this type is unknown
      return NO;
    default:
      return unknown(outcome.error);
  }
}

function ask(type: ProgramType, context: Context): Answer {
  const { evidence, token } = context;
  const proven = evidence === undefined ? undefined : fromFact(proof(type, evidence));
  // Types that need a target are tried without one. The verifier then says in its log that there is none.
  return proven ?? judgeProgram(tryProgram(programAttr(type), [mov(r0, 0), exit()], token));
}

/** {@link haveProgramType} with resolved options. */
export function programTypeAnswer(type: ProgramType, context: Context): Answer {
  return remembered(context.answers, `program type ${type}`, () => ask(type, context));
}

/**
 * Whether the kernel has a program type. Needs no capability if the kernel's BTF shows it. Otherwise this loads two
 * instructions, which needs CAP_BPF and for most types CAP_NET_ADMIN or CAP_PERFMON, or a token.
 *
 * @throws TypeError for an unknown type or option
 */
export function haveProgramType(type: ProgramType, options?: ProbeOptions): Answer {
  programTypes.number(type);
  return programTypeAnswer(type, contextOf(options));
}
