import { attachTypes, programTypes } from '../abi/index.ts';
import { type BareError, explained, NotSupportedError } from '../errors/index.ts';
import { kernelEnumHas } from '../sys/index.ts';
import type { ProgramOptions } from './options.ts';

function missing({ type, attachType }: ProgramOptions): string | undefined {
  if (kernelEnumHas('bpf_prog_type', programTypes.number(type)) === false) return `program type ${type}`;
  // A number is not an attach type but the index of a struct's member.
  if (typeof attachType !== 'string') return undefined;
  return kernelEnumHas('bpf_attach_type', attachTypes.number(attachType)) === false
    ? `attach type ${attachType}`
    : undefined;
}

/** BPF_COMPLEXITY_LIMIT_INSNS of include/linux/bpf.h. */
const MOST_INSTRUCTIONS = 1_000_000;
/** BPF_MAXINSNS of include/uapi/linux/bpf_common.h. */
const MOST_UNPRIVILEGED = 4096;

function tooLong(count: number): string | undefined {
  if (count > MOST_INSTRUCTIONS) {
    return `it has ${count} instructions, but the kernel allows at most ${MOST_INSTRUCTIONS}`;
  }
  if (count <= MOST_UNPRIVILEGED) return 'this kernel does not know one of the options';
  return (
    `it has ${count} instructions, but the kernel allows at most ${MOST_UNPRIVILEGED} without CAP_BPF, ` +
    'or does not know one of the options'
  );
}

/** The kernel refused before its verifier wrote anything, so the cause is not the program's instructions. */
const unreached = (type: string): string =>
  `the verifier was not reached: this kernel is built without programs of type ${type}, ` +
  'or does not accept this attach type, attach target or these flags for them';

/**
 * Explains the error of a load that the verifier has not explained. If the kernel lacks the program's type or attach
 * type, the error says so. Otherwise it says what the errno means here.
 *
 * @param count - the number of instructions
 */
export function explainLack(error: unknown, options: ProgramOptions, what: string, count: number): unknown {
  return explained(error, (bare: BareError) => {
    if (bare.code === 'E2BIG') return tooLong(count);
    if (bare.code !== 'EINVAL') return undefined;
    const feature = missing(options);
    if (feature === undefined) return unreached(options.type);
    const { errno, syscall, command } = bare;
    const text = `Cannot load ${what}: this kernel has no ${feature}`;
    return new NotSupportedError(text, { feature, errno, syscall, command, cause: bare });
  });
}
