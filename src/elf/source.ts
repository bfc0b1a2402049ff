import type { ElfLayout } from './layout.ts';
import type { ElfSection } from './sections.ts';

/** The facts from a file's header and section headers. Reading its tables needs nothing else. */
export interface ElfSource {
  readonly file: string | undefined;
  readonly littleEndian: boolean;
  readonly layout: ElfLayout;
  readonly sections: readonly ElfSection[];
}
