import {
  type AsmItem,
  type Instruction,
  isLabel,
  opcode,
  type Relocated,
  relocate,
} from '../../../asm/index.ts';
import { CoreRelocator } from '../../../btf/index.ts';
import { BpfError, didYouMean } from '../../../errors/index.ts';
import { kernelBtf, moduleBtf } from '../../../sys/index.ts';
import { ExternResolver } from '../../externs/resolver.ts';
import type { ProgramSpec } from '../../spec/types.ts';
import type { LinkedProgram } from '../link.ts';
import type { MappedLoad } from '../maps/make.ts';
import type { PlannedProgram } from '../plan.ts';

/** Adapts the instructions of programs to the kernel: CO-RE, externs, and places of variables in arenas. */
export class Adapter {
  readonly #load: MappedLoad;
  #resolver: ExternResolver | undefined;
  #relocator: CoreRelocator | undefined;

  constructor(load: MappedLoad) {
    this.#load = load;
  }

  /** Changes the items of the linked program. @throws BpfError, RelocationError */
  adapt({ program, linked }: PlannedProgram): Relocated<AsmItem> {
    const relocated = this.#relocate(linked);
    const { maps, externs } = linked.refers;
    if (maps || externs.size > 0) this.#resolve(program, relocated.items);
    return relocated;
  }

  /** Made for the first program that refers to an extern, because most objects have none. */
  get externs(): ExternResolver {
    if (this.#resolver === undefined) {
      const { plan, opened } = this.#load;
      const { spec, programs } = plan;
      const names = new Set(programs.flatMap(({ linked }) => [...linked.refers.externs]));
      this.#resolver = new ExternResolver(spec, names, opened.modules);
    }
    return this.#resolver;
  }

  #relocate({ items, refers }: LinkedProgram): Relocated<AsmItem> {
    const { spec, options } = this.#load.plan;
    if (spec.btf === undefined || !refers.core) return { items, poisoned: [] };
    const { targetBtf } = options;
    this.#relocator ??= new CoreRelocator(spec.btf, targetBtf ?? kernelBtf(), {
      modules: () => (targetBtf === undefined ? moduleBtf().values() : []),
    });
    return relocate(items, this.#relocator);
  }

  /** Puts the instructions that refer to the kernel, or to an arena, into their final form. */
  #resolve(program: ProgramSpec, items: AsmItem[]): void {
    let user = program.name;
    for (let index = 0; index < items.length; index++) {
      const item = items[index] as AsmItem;
      if (isLabel(item)) user = item.label;
      else if (item.extern !== undefined) {
        const what = user === program.name ? 'program' : 'function';
        items[index] = this.#inArena(this.externs.resolve(item, `${what} "${user}"`));
      } else if (item.map !== undefined) {
        this.#checkMap(program, item.map);
        items[index] = this.#inArena(item);
      }
    }
  }

  /** Adds the offset that the load chose for the variables in an arena. */
  #inArena(instruction: Instruction): Instruction {
    const { map, src, high = 0 } = instruction;
    const arena = typeof map !== 'string' ? undefined : this.#load.arenas.get(map);
    if (arena === undefined || src !== opcode.PSEUDO.mapValue) return instruction;
    return { ...instruction, high: (high + arena.offset) | 0 };
  }

  /** @throws BpfError `ERR_BPF_LINK` for a map that was taken out of the spec */
  #checkMap(program: ProgramSpec, map: Instruction['map']): void {
    const { maps } = this.#load;
    if (typeof map !== 'string' || map in maps) return;
    throw new BpfError(
      `Cannot load program "${program.name}": it refers to map "${map}", which does not exist${didYouMean(map, Object.keys(maps))}`,
      { code: 'ERR_BPF_LINK' },
    );
  }
}
