// Values of the ELF object file format (elf(5), /usr/include/elf.h) and of its BPF supplement
// (Linux Documentation/bpf/llvm_reloc.rst).

/** First four bytes of every ELF file. */
export const ELF_MAGIC = 0x7f454c46;
export const ELFCLASS32 = 1;
export const ELFCLASS64 = 2;
export const ELFDATA2LSB = 1;
export const ELFDATA2MSB = 2;
/** `e_machine` of BPF objects. */
export const EM_BPF = 247;
/** `e_machine` of the processors whose USDT arguments can be read. */
export const EM_386 = 3;
export const EM_X86_64 = 62;
export const EM_AARCH64 = 183;
/** `e_type` of a relocatable object. */
export const ET_REL = 1;

/** Section types, `sh_type`. */
export const SECTION_TYPE = {
  null: 0,
  progbits: 1,
  symtab: 2,
  strtab: 3,
  rela: 4,
  note: 7,
  nobits: 8,
  rel: 9,
  dynsym: 11,
  verdef: 0x6ffffffd,
  versym: 0x6fffffff,
} as const;

/** The type of segments that are mapped at the start of a program, `p_type`. */
export const PT_LOAD = 1;
/** Segments with executable memory, `p_flags`. */
export const PF_X = 1;
/** `e_phnum` if section 0 holds the count. */
export const PN_XNUM = 0xffff;

/** The type of symbols whose address is that of a resolver, which chooses the function when a program starts. */
export const STT_GNU_IFUNC = 10;

/** Section flags, `sh_flags`. */
export const SECTION_FLAG = { write: 1, alloc: 2, execinstr: 4 } as const;

/** Section indexes with a special meaning, `st_shndx`. */
export const SECTION_INDEX = {
  undefined: 0,
  absolute: 0xfff1,
  common: 0xfff2,
  extended: 0xffff,
} as const;
/** From this index on, indexes have a special meaning. */
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
