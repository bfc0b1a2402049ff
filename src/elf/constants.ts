// Values of the ELF-64 object file format (elf(5), /usr/include/elf.h) and of its BPF supplement
// (Linux Documentation/bpf/llvm_reloc.rst).

/** First four bytes of every ELF file. */
export const ELF_MAGIC = 0x7f454c46;
export const ELFCLASS64 = 2;
export const ELFDATA2LSB = 1;
export const ELFDATA2MSB = 2;
/** `e_machine` of BPF objects. */
export const EM_BPF = 247;
/** `e_type` of a relocatable object. */
export const ET_REL = 1;

export const HEADER_SIZE = 64;
export const SECTION_HEADER_SIZE = 64;
export const SYMBOL_SIZE = 24;
export const REL_SIZE = 16;
export const RELA_SIZE = 24;

/** Section types, `sh_type`. */
export const SECTION_TYPE = {
  null: 0,
  progbits: 1,
  symtab: 2,
  strtab: 3,
  rela: 4,
  nobits: 8,
  rel: 9,
  dynsym: 11,
} as const;

/** Section flags, `sh_flags`. */
export const SECTION_FLAG = { write: 1, alloc: 2, execinstr: 4 } as const;

/** Section indexes with a meaning of their own, `st_shndx`. */
export const SECTION_INDEX = {
  undefined: 0,
  absolute: 0xfff1,
  common: 0xfff2,
  extended: 0xffff,
} as const;
/** From here on indexes have a meaning of their own. */
export const RESERVED_SECTIONS = 0xff00;

/** Relocation types of BPF. */
export const BPF_RELOCATION = {
  none: 0,
  imm64: 1,
  abs64: 2,
  abs32: 3,
  nodyld32: 4,
  call32: 10,
} as const;
