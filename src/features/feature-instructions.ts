import { type AsmItem, add, exit, jlt, jne, label, mov, movsx, r0, r1, w0 } from '../asm/index.ts';
import { type Answer, denied, NO, unknown, YES } from './answer.ts';
import type { Evidence } from './evidence.ts';
import { type FeatureProbe, ifTrue } from './feature-probe.ts';
import type { Context } from './options.ts';
import { programAttr } from './program-probes.ts';
import { programTypeAnswer } from './program-types.ts';
import { EPERM, tryProgram } from './trial.ts';

/** The limit of Linux before 5.2, and of later versions for callers without CAP_BPF. */
const OLD_INSTRUCTION_LIMIT = 4096;

/** Whether a program is accepted. It is loaded as a socket filter: the type that needs the fewest permissions. */
function tryInstructions(what: string, instructions: readonly AsmItem[], context: Context): Answer {
  const type = 'socket_filter';
  if (programTypeAnswer(type, context).answer === 'no') {
    return unknown(
      `Cannot find out about ${what}: the kernel has no programs of type ${type} to try it with`,
    );
  }
  const outcome = tryProgram(programAttr(type), instructions, context.token);
  if (outcome.ok) return YES;
  if (outcome.code === EPERM && outcome.log === '') return denied(outcome.error);
  if (
    outcome.code !== 'EINVAL' &&
    outcome.code !== 'EACCES' &&
    outcome.code !== 'E2BIG' &&
    outcome.code !== EPERM
  ) {
    return unknown(outcome.error);
  }
  const hidden = context.privilege.mistrust(what, outcome.error);
  return hidden === undefined ? NO : denied(hidden);
}

function instructions(
  what: string,
  items: () => AsmItem[],
  proof: (evidence: Evidence) => boolean | undefined,
): FeatureProbe {
  return { proof, trial: (context) => tryInstructions(what, items(), context) };
}

function boundedLoops(context: Context): Answer {
  const what = 'bounded loops';
  const guard = context.privilege.guardLoops(what);
  if (guard !== undefined) return denied(guard);
  const loop = [mov(r0, 10), label('again'), add(r0, -1), jne(r0, 0, 'again'), exit()];
  return tryInstructions(what, loop, context);
}

/**
 * The verifier counts the branches that it has not finished. This came with bounded loops: Linux kernel commit
 * 2589726d12a1 (bpf: introduce bounded loops), in v5.3. So it also proves features that came before them.
 */
const countsBranches = (evidence: Evidence): boolean | undefined =>
  ifTrue(evidence.member('bpf_verifier_state', 'branches'));

/** The CPUs whose JIT compiler supports version 4. On other CPUs, what the verifier knows proves nothing. */
const V4_CPUS: ReadonlySet<string> = new Set(['x64', 'arm64']);

export type InstructionFeature = 'large_programs' | 'bounded_loops' | 'isa_v2' | 'isa_v3' | 'isa_v4';

export const instructionFeatures: { readonly [name in InstructionFeature]: FeatureProbe } = {
  large_programs: instructions(
    'large programs',
    () => [...Array.from({ length: OLD_INSTRUCTION_LIMIT }, () => mov(r0, 0)), exit()],
    countsBranches,
  ),
  bounded_loops: { proof: countsBranches, trial: boundedLoops },
  isa_v2: instructions(
    'instruction set version 2',
    () => [mov(r0, 0), jlt(r0, 1, 'end'), mov(r0, 1), label('end'), exit()],
    countsBranches,
  ),
  isa_v3: instructions(
    'instruction set version 3',
    () => [mov(r0, 0), jlt(w0, 1, 'end'), mov(r0, 1), label('end'), exit()],
    countsBranches,
  ),
  isa_v4: instructions(
    'instruction set version 4',
    () => [mov(r1, 1), movsx(r0, r1, 8), exit()],
    (evidence) => ifTrue(V4_CPUS.has(process.arch) && evidence.functions('coerce_reg_to_size_sx')),
  ),
};
