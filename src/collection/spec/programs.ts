import { NO_FLAGS } from '../../abi/index.ts';
import type { BtfTypes } from '../../btf/index.ts';
import { ownIdsOfKind } from '../../btf/own-ids.ts';
import { parseSectionName } from '../../sections/index.ts';
import type { FunctionSpec, ProgramSpec } from './types.ts';

/** Separates programs from functions that programs only call. */
export function splitFunctions(
  functions: readonly FunctionSpec[],
  license: string,
  btf: BtfTypes | undefined,
): { readonly programs: ProgramSpec[]; readonly others: FunctionSpec[] } {
  const callbacks = exceptionCallbacks(btf);
  const called = calledFunctions(functions);
  const programs: ProgramSpec[] = [];
  const others: FunctionSpec[] = [];
  for (const fn of functions) {
    const program = programOf(fn, license, callbacks);
    // If other functions call it, and its section does not say a program type, it is not a program.
    const isProgram = program !== undefined && (program.type !== undefined || !called.has(fn.name));
    if (isProgram) programs.push(program);
    else others.push(fn);
  }
  return { programs, others };
}

/** The names of the functions that others call, or pass on as callbacks. */
function calledFunctions(functions: readonly FunctionSpec[]): ReadonlySet<string> {
  const called = new Set<string>();
  for (const { name, instructions } of functions) {
    for (const { target } of instructions) if (target !== undefined && target !== name) called.add(target);
  }
  return called;
}

function flagsOf(sleepable: boolean, fragments: boolean): ProgramSpec['flags'] {
  if (sleepable) return fragments ? ['sleepable', 'xdp_has_frags'] : ['sleepable'];
  return fragments ? ['xdp_has_frags'] : NO_FLAGS;
}

/** A function as a program; `undefined` for functions in `.text` and static ones, which others only call. */
function programOf(
  fn: FunctionSpec,
  license: string,
  callbacks: ReadonlyMap<number, string>,
): ProgramSpec | undefined {
  if (fn.section === '.text' || fn.binding === 'static') return undefined;
  const parsed = parseSectionName(fn.section);
  const kind = parsed?.kind;
  return {
    name: fn.name,
    section: fn.section,
    offset: fn.offset,
    binding: fn.binding,
    hidden: fn.hidden,
    typeId: fn.typeId,
    instructions: fn.instructions,
    type: kind?.type,
    attachType: kind?.attachType,
    attachTo: parsed?.attachTo,
    target: kind?.target,
    flags: flagsOf(kind?.sleepable === true, kind?.fragments === true),
    license,
    exceptionCallback: callbacks.get(fn.typeId),
    autoload: parsed?.autoload ?? !fn.section.startsWith('?'),
  };
}

/** Prefix of the tag that names the exception callback of a program (`__exception_cb`, Linux 6.7). */
const TAG = 'exception_callback:';

/** The functions that the kernel calls when a program throws, by the number of the program's `func` type. */
function exceptionCallbacks(btf: BtfTypes | undefined): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  if (btf === undefined) return found;
  for (const id of ownIdsOfKind(btf, 'decl_tag')) {
    const tag = btf.byId(id);
    if (tag.kind !== 'decl_tag' || tag.component !== -1 || !tag.name.startsWith(TAG)) continue;
    found.set(tag.type, tag.name.slice(TAG.length));
  }
  return found;
}
