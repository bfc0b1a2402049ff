import type { BtfKind, BtfTypes } from '../../btf/index.ts';
import { type Btf, openModuleBtf } from '../../btf-object/index.ts';
import { kernelBtf, moduleBtf } from '../../sys/index.ts';
import type { TokenOption } from '../../token/commands.ts';

/** A type of the running kernel or of one of its modules. */
export interface KernelType {
  readonly types: BtfTypes;
  readonly id: number;
  /** The module that it belongs to; `undefined` for the kernel itself. */
  readonly module: string | undefined;
}

/**
 * Finds a type by name and kind, in the kernel first, then in its modules.
 *
 * @throws NotSupportedError on a kernel without BTF
 */
export function findKernelType(name: string, kind: BtfKind, module?: string): KernelType | undefined {
  if (module === undefined || module === 'vmlinux') {
    const types = kernelBtf();
    const found = types.byName(name, kind);
    if (found !== undefined) return { types, id: found.id, module: undefined };
  }
  for (const [owner, types] of moduleBtf()) {
    if (module !== undefined && module !== owner) continue;
    for (const id of types.ownIdsByName(name)) {
      if (types.kindOf(id) === kind) return { types, id, module: owner };
    }
  }
  return undefined;
}

/** Opens the BTF of modules, each once, and keeps it open. */
export class ModuleHandles {
  readonly #token: TokenOption | undefined;
  readonly #open = new Map<string, Btf>();

  constructor(token: TokenOption | undefined) {
    this.#token = token;
  }

  /** @throws BpfError `EPERM` without CAP_SYS_ADMIN */
  of(module: string): Btf {
    const known = this.#open.get(module);
    if (known !== undefined) return known;
    const btf = openModuleBtf(module, { token: this.#token });
    this.#open.set(module, btf);
    return btf;
  }

  /** All that are open, in the order they were opened. */
  get all(): readonly Btf[] {
    return [...this.#open.values()];
  }

  /** The index of a module's BTF in {@link all}. Opens it if it is not open. */
  indexOf(module: string): number {
    this.of(module);
    return [...this.#open.keys()].indexOf(module);
  }

  close(): void {
    for (const btf of this.#open.values()) btf.close();
  }
}
