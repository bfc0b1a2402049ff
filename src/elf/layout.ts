// Where things are in the two classes of ELF files: elf(5), /usr/include/elf.h.

/** What differs between 32-bit and 64-bit files: sizes of headers and entries, and offsets within them. */
export interface ElfLayout {
  readonly bits: 32 | 64;
  readonly fileHeader: {
    readonly size: number;
    /** `e_phoff`, `e_shoff`: words. */
    readonly segments: number;
    readonly sections: number;
    /** `e_ehsize`; `e_phentsize`, `e_phnum`, `e_shentsize`, `e_shnum` and `e_shstrndx` follow. */
    readonly sizes: number;
  };
  readonly sectionHeader: {
    readonly size: number;
    readonly address: number;
    readonly offset: number;
    readonly length: number;
    readonly link: number;
    readonly info: number;
    readonly alignment: number;
    readonly entrySize: number;
  };
  readonly programHeader: {
    readonly size: number;
    readonly flags: number;
    readonly offset: number;
    readonly address: number;
    readonly fileSize: number;
  };
  readonly symbolSize: number;
  readonly relSize: number;
  readonly relaSize: number;
}

export const LAYOUT_64: ElfLayout = {
  bits: 64,
  fileHeader: { size: 64, segments: 32, sections: 40, sizes: 52 },
  sectionHeader: {
    ...{ size: 64, address: 16, offset: 24, length: 32 },
    ...{ link: 40, info: 44, alignment: 48, entrySize: 56 },
  },
  programHeader: { size: 56, flags: 4, offset: 8, address: 16, fileSize: 32 },
  symbolSize: 24,
  relSize: 16,
  relaSize: 24,
};

export const LAYOUT_32: ElfLayout = {
  bits: 32,
  fileHeader: { size: 52, segments: 28, sections: 32, sizes: 40 },
  sectionHeader: {
    ...{ size: 40, address: 12, offset: 16, length: 20 },
    ...{ link: 24, info: 28, alignment: 32, entrySize: 36 },
  },
  programHeader: { size: 32, flags: 24, offset: 4, address: 8, fileSize: 16 },
  symbolSize: 16,
  relSize: 8,
  relaSize: 12,
};
