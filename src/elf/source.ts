import type { ElfLayout } from './layout.ts';
import type { ElfSection } from './sections.ts';

/** What the header and the section headers of a file say: all that its tables are read by. */
export interface ElfSource {
  readonly file: string | undefined;
  readonly littleEndian: boolean;
  readonly layout: ElfLayout;
  readonly sections: readonly ElfSection[];
}
