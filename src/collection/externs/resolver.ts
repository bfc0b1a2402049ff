import { type Instruction, opcode } from '../../asm/index.ts';
import { type BtfKind, essentialName, typeProblem } from '../../btf/index.ts';
import { BpfError, NotSupportedError } from '../../errors/index.ts';
import { kernelBtf, kernelSymbols } from '../../sys/index.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import { KCONFIG } from '../spec/externs.ts';
import type { ExternSpec } from '../spec/types.ts';
import { externError } from './extern-error.ts';
import { findKernelType, type KernelType, type ModuleHandles } from './kernel-types.ts';

/** Added to the index of a missing function, for calls of it. No helper has such a number; libbpf uses the same. */
const MISSING_FUNCTION = 2_002_000_000;

/** The symbol where the kernel's code begins. */
const CODE = '_stext';

/** Puts what the kernel provides into the instructions that refer to it. */
export class ExternResolver {
  readonly #spec: CollectionSpec;
  readonly #modules: ModuleHandles;
  readonly #found = new Map<string, KernelType | undefined>();
  readonly #addresses: ReadonlyMap<string, bigint>;
  /** Why symbols cannot be looked up; `undefined` if they can. */
  readonly #noSymbols: string | undefined;
  /** Why weak externs count as missing although the kernel has something with their name. */
  readonly #unlike = new Map<string, string>();

  /** @param names - the externs that will be resolved: symbols are looked up for all of them at once */
  constructor(spec: CollectionSpec, names: Iterable<string>, modules: ModuleHandles) {
    this.#spec = spec;
    this.#modules = modules;
    const typeless = new Set<string>();
    for (const name of names) {
      const found = spec.externs[name];
      if (found !== undefined && this.#isTypeless(found)) typeless.add(name);
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
      throw externError(name, undefined, user, this.#undeclared(name, instruction));
    }
    if (instruction.opcode !== opcode.LD_IMM64) return this.#call(plain, extern, user);
    if (extern.kind === 'kconfig') {
      return { ...plain, src: opcode.PSEUDO.mapValue, map: KCONFIG, imm: 0, high: extern.offset };
    }
    return this.#isTypeless(extern) ? this.#address(plain, extern, user) : this.#load(plain, extern, user);
  }

  /**
   * The error about a call of a missing function; `undefined` for any other call.
   *
   * @param number - what is called: for a missing function, {@link MISSING_FUNCTION} plus the index of the extern
   */
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

  /** Why something cannot be resolved that the object does not declare as an extern of the kernel. */
  #undeclared(name: string, { opcode: code }: Instruction): string {
    const elsewhere = 'link it with the object that defines it (bpftool gen object)';
    if (this.#spec.btf === undefined) {
      return `the object has no BTF, which says what the kernel must provide: compile it with -g; if another file defines it, ${elsewhere}`;
    }
    const kind = code === opcode.LD_IMM64 ? 'var' : 'func';
    const what = kind === 'func' ? 'function' : 'variable';
    return !isInKernel(essentialName(name), kind)
      ? `another file defines it: ${elsewhere}`
      : `it is not declared __ksym: declare it __ksym if you mean the kernel's ${what} of that name, else ${elsewhere}`;
  }

  #isTypeless({ kind, typeId }: ExternSpec): boolean {
    return kind === 'variable' && (typeId === 0 || this.#spec.btf?.resolve(typeId).kind === 'void');
  }

  #address(plain: Instruction, extern: ExternSpec, user: string): Instruction {
    // A weak symbol may be missing, but here it is unknown whether it is.
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
    // The address of a per-CPU variable may be 0. If that of the code is 0 too, addresses are hidden.
    if (address === 0n && (kernelSymbols([CODE]).get(CODE) ?? 0n) === 0n) {
      throw externError(
        extern.name,
        extern.kind,
        user,
        '/proc/kallsyms hides addresses: it needs CAP_SYSLOG, or kernel.kptr_restrict=0',
      );
    }
    return constant(plain, address ?? 0n);
  }

  #load(plain: Instruction, extern: ExternSpec, user: string): Instruction {
    const found = this.#kernelType(extern, user);
    if (found === undefined) return constant(plain, 0n);
    // Programs only ask whether the function exists, so any address will do.
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
      const missing = kind === 'function' ? 'function of that name' : 'variable of that name with a type';
      throw externError(
        name,
        kind,
        user,
        `neither the kernel nor a module has a ${missing}: declare it __weak if it may be missing`,
      );
    }
    const type = found.types.byId(found.id);
    const target = 'type' in type ? type.type : 0;
    const problem = btf === undefined ? undefined : typeProblem(btf, typeId, found.types, target);
    if (problem !== undefined) {
      const unlike = `the kernel's has another type: ${problem}`;
      if (!weak) throw externError(name, kind, user, unlike);
      this.#unlike.set(name, unlike);
      return undefined;
    }
    return found;
  }
}

/** Whether the kernel is known to have something with this name. */
function isInKernel(name: string, kind: BtfKind): boolean {
  try {
    return findKernelType(name, kind) !== undefined;
  } catch (error) {
    if (error instanceof NotSupportedError) return false;
    throw error;
  }
}

/**
 * Whether instructions can load the address of a kernel function. This came with Linux 6.4 (commit 58aa2afbb1e6), as
 * did the program type that is looked up here.
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
