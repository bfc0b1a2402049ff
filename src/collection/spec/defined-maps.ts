import type { ElfSection } from '../../elf/index.ts';
import { BTF_MAPS, btfMaps } from './btf-maps.ts';
import type { ObjectContext } from './context.ts';
import { isLegacyMaps, legacyMaps } from './legacy-maps.ts';
import type { MapSpec } from './types.ts';

/** The maps that an object defines, with BTF or in the form from before BTF. */
export class DefinedMaps {
  readonly #bySection: ReadonlyMap<string, readonly { readonly offset: number; readonly spec: MapSpec }[]>;
  readonly all: readonly MapSpec[];

  /** @throws FormatError for an invalid definition */
  constructor(context: ObjectContext) {
    const bySection = new Map([[BTF_MAPS, btfMaps(context)]]);
    for (const section of context.elf.sections) {
      if (isLegacyMaps(section)) bySection.set(section.name, legacyMaps(context, section));
    }
    const all: MapSpec[] = [];
    for (const maps of bySection.values()) for (const { spec } of maps) all.push(spec);
    this.#bySection = bySection;
    this.all = all;
  }

  /** The name of the map that is defined at an offset of a section. */
  nameAt(section: ElfSection, offset: number): string | undefined {
    return this.#bySection.get(section.name)?.find((map) => map.offset === offset)?.spec.name;
  }
}
