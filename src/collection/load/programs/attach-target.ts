import type { BtfKind } from '../../../btf/index.ts';
import { functionIdInBtf } from '../../../btf-object/index.ts';
import { BpfError } from '../../../errors/index.ts';
import type { DescriptorHolder } from '../../../program/index.ts';
import { findKernelType, type ModuleHandles } from '../../externs/kernel-types.ts';
import type { ProgramSpec } from '../../spec/types.ts';
import type { ProgramTarget } from '../options.ts';

/** Where a program will be attached, in the form that its load needs. */
export interface AttachTarget {
  readonly attachBtfId?: number;
  readonly attachTo?: DescriptorHolder;
}

/** How kernel BTF names the places that programs are attached to. */
const PLACES: Readonly<
  Record<string, { readonly prefix: string; readonly kind: BtfKind; readonly what: string }>
> = {
  function: { prefix: '', kind: 'func', what: 'function' },
  tracepoint: { prefix: 'btf_trace_', kind: 'typedef', what: 'tracepoint' },
  lsm_hook: { prefix: 'bpf_lsm_', kind: 'func', what: 'LSM hook' },
  iterator: { prefix: 'bpf_iter_', kind: 'func', what: 'iterator' },
};

function refusal(program: ProgramSpec, problem: string): BpfError {
  return new BpfError(`Cannot load program "${program.name}" (${program.type}): ${problem}`, {
    code: 'ERR_BPF_ATTACH_TARGET',
  });
}

/** A function of another BPF program. */
function inProgram(program: ProgramSpec, { program: target, function: named }: ProgramTarget): AttachTarget {
  const name = named ?? program.attachTo;
  if (name === undefined) {
    throw refusal(
      program,
      `it names no function of program "${target.name}" to attach to: give function in options.targets.${program.name}`,
    );
  }
  const { btfId } = target.info();
  if (btfId === 0)
    throw refusal(program, `program "${target.name}" has no BTF, so its functions have no names`);
  const attachBtfId = functionIdInBtf(btfId, name);
  if (attachBtfId === undefined) throw refusal(program, `program "${target.name}" has no function "${name}"`);
  return { attachBtfId, attachTo: target };
}

/**
 * Finds the function, tracepoint, hook or program that a program is made for. The result is empty for types that get it
 * when they are attached.
 *
 * @throws BpfError `ERR_BPF_ATTACH_TARGET` if it is not given or does not exist
 * @throws NotSupportedError on a kernel without BTF
 */
export function attachTarget(
  program: ProgramSpec,
  given: ProgramTarget | undefined,
  modules: ModuleHandles,
): AttachTarget {
  if (given !== undefined) return inProgram(program, given);
  if (program.target === 'program') {
    throw refusal(program, `it names no program to attach to: give it in options.targets.${program.name}`);
  }
  const place = program.target === undefined ? undefined : PLACES[program.target];
  if (place === undefined) return {};
  const { attachTo, section } = program;
  if (attachTo === undefined) {
    throw refusal(
      program,
      `it names no ${place.what} to attach to: write SEC("${section}/\u2026"), or set attachTo`,
    );
  }
  const colon = attachTo.indexOf(':');
  const module = colon > 0 ? attachTo.slice(0, colon) : undefined;
  const name = colon > 0 ? attachTo.slice(colon + 1) : attachTo;
  const found = findKernelType(place.prefix + name, place.kind, module);
  if (found === undefined) throw refusal(program, `the kernel has no ${place.what} "${attachTo}"`);
  if (found.module === undefined) return { attachBtfId: found.id };
  return { attachBtfId: found.id, attachTo: modules.of(found.module) };
}
