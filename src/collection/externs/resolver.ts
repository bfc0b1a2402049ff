import { type AsmItem, type Instruction, isLabel, opcode } from '../../asm/index.ts';
import { essentialName, typeProblem } from '../../btf/index.ts';
import { BpfError } from '../../errors/index.ts';
import { kernelBtf, kernelSymbols } from '../../sys/index.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import type { ExternSpec } from '../spec/types.ts';
import { findKernelType, type KernelType, type ModuleHandles } from './kernel-types.ts';

/** Number of no helper, which stands for a call of a function that the kernel does not have; libbpf's. */
export const MISSING_FUNCTION = 2_002_000_000;

const WORDS: Readonly<Record<ExternSpec['kind'], string>> = {
  kconfig: 'kernel configuration',
  variable: 'kernel variable',
  function: 'kernel function',
};

/** An error about an extern, which says who refers to it. */
export function externError(
  name: string,
  kind: ExternSpec['kind'] | undefined,
  user: string,
  problem: string,
): BpfError {
  const what = kind === undefined ? '' : ` (${WORDS[kind]})`;
  return new BpfError(`Cannot resolve extern "${name}"${what}, which ${user} refers to: ${problem}`, {
    code: 'ERR_BPF_EXTERN',
  });
}

/** Puts what the kernel provides into the instructions that refer to it. */
export class ExternResolver {
  readonly #spec: CollectionSpec;
  readonly #modules: ModuleHandles;
  readonly #found = new Map<string, KernelType | undefined>();
  readonly #addresses: ReadonlyMap<string, bigint>;
  /** Why no symbol can be looked up. */
  readonly #noSymbols: string | undefined;
  /** Why weak externs that the kernel has are taken for missing. */
  readonly #unlike = new Map<string, string>();

  /** @param items - those whose externs will be resolved */
  constructor(spec: CollectionSpec, items: Iterable<AsmItem>, modules: ModuleHandles) {
    this.#spec = spec;
    this.#modules = modules;
    const typeless = new Set<string>();
    for (const item of items) {
      const found = isLabel(item) || item.extern === undefined ? undefined : spec.externs[item.extern];
      if (found !== undefined && this.#isTypeless(found)) typeless.add(found.name);
    }
    try {
      this.#addresses = kernelSymbols(typeless);
    } catch (error) {
      if (!BpfError.is(error)) throw error;
      this.#addresses = new Map();
      this.#noSymbols = error.message;
    }
  }

  /** The instruction with its extern resolved. @throws BpfError `ERR_BPF_EXTERN` */
  resolve(instruction: Instruction, user: string): Instruction {
    if (instruction.extern === undefined) return instruction;
    const { extern: name, ...plain } = instruction;
    const extern = this.#spec.externs[name];
    if (extern === undefined) {
      throw externError(
        name,
        undefined,
        user,
        'the object has no type for it: declare it __ksym or __kconfig',
      );
    }
    if (instruction.opcode !== opcode.LD_IMM64) return this.#call(plain, extern, user);
    if (extern.kind === 'kconfig') {
      return { ...plain, src: opcode.PSEUDO.mapValue, map: '.kconfig', imm: 0, high: extern.offset };
    }
    return this.#isTypeless(extern) ? this.#address(plain, extern, user) : this.#load(plain, extern, user);
  }

  /** The error about the function that a call of {@link MISSING_FUNCTION} and more stands for. */
  missingFunction(number: number, user: string): BpfError | undefined {
    const name = Object.keys(this.#spec.externs)[number - MISSING_FUNCTION];
    if (name === undefined) return undefined;
    const why = this.#unlike.get(name) ?? 'the kernel has no such function';
    return externError(
      name,
      'function',
      user,
      `${why}, and the program calls it without a check (bpf_ksym_exists)`,
    );
  }

  #isTypeless({ kind, typeId }: ExternSpec): boolean {
    return kind === 'variable' && (typeId === 0 || this.#spec.btf?.resolve(typeId).kind === 'void');
  }

  #address(plain: Instruction, extern: ExternSpec, user: string): Instruction {
    // What cannot be told is not taken for missing, even where that were allowed.
    if (this.#noSymbols !== undefined) throw externError(extern.name, extern.kind, user, this.#noSymbols);
    const address = this.#addresses.get(extern.name);
    if (address === undefined && !extern.weak) {
      throw externError(
        extern.name,
        extern.kind,
        user,
        'the kernel has no such symbol in /proc/kallsyms: declare it __weak if it may be missing',
      );
    }
    if (address === 0n) {
      throw externError(
        extern.name,
        extern.kind,
        user,
        '/proc/kallsyms shows no addresses: it needs CAP_SYSLOG, or kernel.kptr_restrict=0',
      );
    }
    return constant(plain, address ?? 0n);
  }

  #load(plain: Instruction, extern: ExternSpec, user: string): Instruction {
    const found = this.#kernelType(extern, user);
    if (found === undefined) return constant(plain, 0n);
    // Programs ask whether a function is there, and can do nothing else with its address: any will do.
    if (extern.kind === 'function' && !canLoadFunctions()) return constant(plain, 1n);
    const high = found.module === undefined ? 0 : this.#modules.of(found.module).fd.value;
    return { ...plain, src: opcode.PSEUDO.btfId, imm: found.id, high };
  }

  #call(plain: Instruction, extern: ExternSpec, user: string): Instruction {
    const found = this.#kernelType(extern, user);
    if (found === undefined) {
      const index = Object.keys(this.#spec.externs).indexOf(extern.name);
      return { ...plain, src: opcode.CALL.helper, offset: 0, imm: MISSING_FUNCTION + index };
    }
    // Index 0 of the descriptors given at load stands for the kernel itself.
    const offset = found.module === undefined ? 0 : this.#modules.indexOf(found.module) + 1;
    return { ...plain, src: opcode.CALL.kfunc, offset, imm: found.id };
  }

  #kernelType(extern: ExternSpec, user: string): KernelType | undefined {
    if (!this.#found.has(extern.name)) this.#found.set(extern.name, this.#find(extern, user));
    return this.#found.get(extern.name);
  }

  #find(extern: ExternSpec, user: string): KernelType | undefined {
    const { name, kind, typeId, weak } = extern;
    const { btf } = this.#spec;
    const found = findKernelType(essentialName(name), kind === 'function' ? 'func' : 'var');
    if (found === undefined) {
      if (weak) return undefined;
      const missing = kind === 'function' ? 'function' : 'variable of that name with a type';
      throw externError(
        name,
        kind,
        user,
        `the kernel has no such ${missing}, nor has a module: declare it __weak if it may be missing`,
      );
    }
    const type = found.types.byId(found.id);
    const target = 'type' in type ? type.type : 0;
    const problem = btf === undefined ? undefined : typeProblem(btf, typeId, found.types, target);
    if (problem !== undefined) {
      const unlike = `the kernel's is of another type: ${problem}`;
      if (!weak) throw externError(name, kind, user, unlike);
      this.#unlike.set(name, unlike);
      return undefined;
    }
    return found;
  }
}

/**
 * Whether instructions can load the address of a kernel function (Linux commit 58aa2afbb1e6, in 6.4, the version that
 * also brought this program type).
 */
function canLoadFunctions(): boolean {
  const types = kernelBtf().byName('bpf_prog_type', 'enum');
  return types?.values.some(({ name }) => name === 'BPF_PROG_TYPE_NETFILTER') === true;
}

function constant(plain: Instruction, value: bigint): Instruction {
  return {
    ...plain,
    src: opcode.PSEUDO.constant,
    imm: Number(BigInt.asIntN(32, value)),
    high: Number(BigInt.asIntN(32, value >> 32n)),
  };
}
