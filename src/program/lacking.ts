import { type AttachType, attachTypes, programTypes } from '../abi/index.ts';
import { BpfError, NotSupportedError, VerifierError } from '../errors/index.ts';
import { kernelBtf } from '../sys/index.ts';
import type { ProgramOptions } from './options.ts';

/** Whether an enum of the running kernel is known not to have a number; false where the kernel has no BTF to ask. */
function lacks(enumeration: string, number: number): boolean {
  try {
    const found = kernelBtf().byName(enumeration, 'enum');
    return (
      found !== undefined &&
      !found.values.some(({ name, value }) => value === number && !name.startsWith('__'))
    );
  } catch {
    return false;
  }
}

function missing({ type, attachType }: ProgramOptions): string | undefined {
  if (lacks('bpf_prog_type', programTypes.number(type))) return `program type ${type}`;
  // Numbers are indices of a struct's members.
  if (typeof attachType !== 'string') return undefined;
  return lacks('bpf_attach_type', attachTypes.number(attachType as AttachType))
    ? `attach type ${attachType}`
    : undefined;
}

/** The error of a load, as one that says what the kernel lacks where it lacks the program's type or attach type. */
export function explainLack(error: unknown, options: ProgramOptions, what: string): unknown {
  if (!BpfError.is(error) || error instanceof VerifierError || error.code !== 'EINVAL') return error;
  const feature = missing(options);
  if (feature === undefined) return error;
  return new NotSupportedError(`Cannot load ${what}: this kernel has no ${feature}`, {
    feature,
    errno: error.errno,
    syscall: error.syscall,
    command: error.command,
    cause: error,
  });
}
