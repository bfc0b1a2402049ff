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

/** The kernel refused before its verifier wrote anything: not for the program's instructions. */
function unreached(error: BpfError, { type }: ProgramOptions, what: string): BpfError {
  const { code, errno, syscall, command } = error;
  return new BpfError(
    `Cannot load ${what}: EINVAL: the verifier was not reached: this kernel is built without programs of type ${type}, or does not take this attach type, attach target or these flags for them`,
    { code, errno, syscall, command, cause: error },
  );
}

/** The error of a load, as one that says what the kernel lacks where it lacks the program's type or attach type. */
export function explainLack(error: unknown, options: ProgramOptions, what: string): unknown {
  if (!BpfError.is(error) || error instanceof VerifierError || error.code !== 'EINVAL') return error;
  const feature = missing(options);
  if (feature === undefined) return unreached(error, options, what);
  return new NotSupportedError(`Cannot load ${what}: this kernel has no ${feature}`, {
    feature,
    errno: error.errno,
    syscall: error.syscall,
    command: error.command,
    cause: error,
  });
}
