import type { MapHandle } from '../../asm/index.ts';
import {
  type AsmItem,
  type Instruction,
  isLabel,
  opcode,
  type PoisonedInstruction,
  relocate,
  slotsOf,
} from '../../asm/index.ts';
import { CoreRelocator } from '../../btf/index.ts';
import type { Btf } from '../../btf-object/index.ts';
import { addToMessage, BpfError, didYouMean, VerifierError } from '../../errors/index.ts';
import type { ProgramOptions } from '../../program/index.ts';
import { kernelBtf, moduleBtf, plainName } from '../../sys/index.ts';
import type { ModuleHandles } from '../externs/kernel-types.ts';
import { ExternResolver } from '../externs/resolver.ts';
import { nearSectionNames } from '../sections/parse.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import type { ProgramSpec } from '../spec/types.ts';
import { functionInfo, lineInfo } from './infos.ts';
import type { LinkedProgram } from './link.ts';
import type { CollectionOptions } from './options.ts';
import { type AttachTarget, attachTarget } from './targets.ts';

/** A program and the functions it reaches, before they are adapted to the kernel. */
export interface Linked {
  readonly program: ProgramSpec;
  readonly linked: LinkedProgram;
}

/** A program ready to be loaded. */
export interface Prepared {
  readonly name: string;
  readonly options: ProgramOptions;
  /** A better error than the verifier's, where the verifier came upon something that the kernel lacks. */
  explain(error: unknown): unknown;
}

/** What programs are prepared with. */
export interface PrepareContext {
  readonly spec: CollectionSpec;
  readonly options: CollectionOptions;
  readonly btf: Btf | undefined;
  readonly maps: { readonly [name: string]: MapHandle };
  /** Where in arenas their variables begin. */
  readonly arenas: ReadonlyMap<string, { readonly offset: number }>;
  readonly modules: ModuleHandles;
  /** Of struct_ops programs: what they implement. */
  readonly members: ReadonlyMap<string, { readonly typeId: number; readonly index: number }>;
}

/** Adapts programs to the kernel, one after the other. */
export class Preparer {
  readonly #context: PrepareContext;
  readonly #all: readonly Linked[];
  #resolver: ExternResolver | undefined;
  #relocator: CoreRelocator | undefined;

  constructor(context: PrepareContext, all: readonly Linked[]) {
    this.#context = context;
    this.#all = all;
  }

  /** @throws BpfError, RelocationError */
  prepare({ program, linked }: Linked): Prepared {
    const { options, btf, maps, modules } = this.#context;
    const { items, poisoned } = this.#relocate(linked);
    if (linked.refers.maps || linked.refers.externs.size > 0) this.#resolve(program, items);
    const { type, name } = program;
    if (type === undefined) throw typeless(program);
    const { logLevel, logSize, token } = options;
    const opened = modules.all;
    const fdArray = opened.length === 0 ? undefined : [NOTHING, ...opened];
    const attach = this.#attach(program);
    const made: ProgramOptions = {
      type,
      name: plainName(name),
      instructions: items,
      license: program.license,
      flags: program.flags,
      maps,
      logLevel,
      logSize,
      token,
      fdArray,
      attachType: attach.attachType,
      attachBtfId: attach.attachBtfId,
      attachTo: attach.attachTo,
      btf,
      functionInfo: btf === undefined ? undefined : functionInfo(linked.functions),
      lineInfo: btf === undefined ? undefined : lineInfo(items, linked.functions),
    };
    return {
      name,
      options: made,
      explain: (error) =>
        error instanceof VerifierError
          ? explain(error, { externs: this.#externs, program, items, poisoned })
          : error,
    };
  }

  #attach(program: ProgramSpec): AttachTarget & Pick<ProgramOptions, 'attachType'> {
    const member = this.#context.members.get(program.name);
    if (member !== undefined) return { attachType: member.index, attachBtfId: member.typeId };
    const { options, modules } = this.#context;
    const target = attachTarget(program, options.targets?.[program.name], modules);
    return { attachType: program.attachType, ...target };
  }

  /** Made for the first one that refers to any: most objects have none. */
  get #externs(): ExternResolver {
    if (this.#resolver === undefined) {
      const { spec, modules } = this.#context;
      const names = new Set(this.#all.flatMap(({ linked }) => [...linked.refers.externs]));
      this.#resolver = new ExternResolver(spec, names, modules);
    }
    return this.#resolver;
  }

  #relocate({ items, refers }: LinkedProgram): {
    items: AsmItem[];
    poisoned: readonly PoisonedInstruction[];
  } {
    const { spec, options } = this.#context;
    if (spec.btf === undefined || !refers.core) {
      return { items, poisoned: [] };
    }
    const { targetBtf } = options;
    this.#relocator ??= new CoreRelocator(spec.btf, targetBtf ?? kernelBtf(), {
      modules: () => (targetBtf === undefined ? moduleBtf().values() : []),
    });
    return relocate(items, this.#relocator);
  }

  /** Variables of an arena are where the load put them. */
  #inArena(instruction: Instruction): Instruction {
    const { map, src, high = 0 } = instruction;
    const arena = typeof map !== 'string' ? undefined : this.#context.arenas.get(map);
    if (arena === undefined || src !== opcode.PSEUDO.mapValue) return instruction;
    return { ...instruction, high: (high + arena.offset) | 0 };
  }

  /** Puts the instructions that refer to something of the kernel's, or to an arena, in their final form. */
  #resolve(program: ProgramSpec, items: AsmItem[]): void {
    let user = program.name;
    for (let index = 0; index < items.length; index++) {
      const item = items[index] as AsmItem;
      if (isLabel(item)) user = item.label;
      else if (item.extern !== undefined) {
        const what = user === program.name ? 'program' : 'function';
        items[index] = this.#inArena(this.#externs.resolve(item, `${what} "${user}"`));
      } else if (item.map !== undefined) {
        this.#checkMap(program, item.map);
        items[index] = this.#inArena(item);
      }
    }
  }

  /** @throws BpfError `ERR_BPF_LINK` for a map that was taken out of the spec */
  #checkMap(program: ProgramSpec, map: Instruction['map']): void {
    const { maps } = this.#context;
    if (typeof map !== 'string' || map in maps) return;
    throw new BpfError(
      `Cannot load program "${program.name}": it refers to map "${map}", which is not there${didYouMean(map, Object.keys(maps))}`,
      { code: 'ERR_BPF_LINK' },
    );
  }
}

/** Index 0 of the descriptors given at load stands for the kernel itself. */
const NOTHING = { fd: { value: 0 } };

function typeless({ name, section }: ProgramSpec): BpfError {
  const near = nearSectionNames(section).map((other) => `SEC("${other}")`);
  const hint = near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`;
  return new BpfError(
    `Cannot load program "${name}": SEC("${section}") does not say what type it is of${hint}: set type, or autoload: false`,
    { code: 'ERR_BPF_PROGRAM_TYPE' },
  );
}

interface Place {
  readonly externs: ExternResolver;
  readonly program: ProgramSpec;
  readonly items: readonly AsmItem[];
  readonly poisoned: readonly PoisonedInstruction[];
}

/** The instruction that the verifier refused as a call of an unknown function. */
const UNKNOWN_CALL = /invalid func unknown#(\d+)/;

/** What the verifier says where a function is for programs under the GPL only; kernel functions have other words. */
const RESTRICTED = /from non-GPL compatible program|GPL-restricted|GPL compatible/;

function explain(error: VerifierError, { externs, program, items, poisoned }: Place): unknown {
  const number = Number(UNKNOWN_CALL.exec(error.log)?.[1] ?? -1);
  const slot = Number(/^(\d+):/.exec(error.instruction ?? '')?.[1] ?? -1);
  const missing = externs.missingFunction(number, `program "${program.name}"`);
  if (missing !== undefined) return Object.assign(missing, { cause: error });
  if (RESTRICTED.test(error.log)) {
    const has = program.license === '' ? 'the object has no license' : `its license is ${program.license}`;
    addToMessage(error, { after: `; ${has}: say char LICENSE[] SEC("license") = "GPL" if it is` });
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
