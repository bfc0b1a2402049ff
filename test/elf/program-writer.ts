/** Writes programs and libraries, with only the parts that the search for functions reads. */
import {
  elfFile,
  type Kind,
  type SectionInit,
  type SegmentInit,
  strings,
  symbolTable,
  versionDefinitions,
  versionNumbers,
} from './elf-writer.ts';

export interface FunctionInit {
  readonly name: string;
  readonly address: number;
  /** Default: `global`. A `file` names the source of the local symbols after it. */
  readonly kind?: 'local' | 'global' | 'indirect' | 'undefined' | 'file';
  /** For dynamic symbols: the number of the version, as in .gnu.version. */
  readonly version?: number;
}

export interface ProgramInit extends Kind {
  readonly dynamic?: readonly FunctionInit[];
  readonly symbols?: readonly FunctionInit[];
  /** The first version has number 2. */
  readonly versions?: readonly string[];
  readonly segments?: readonly SegmentInit[];
  /** How far the section header of the code is off. */
  readonly stale?: number;
}

/** The place of the code: its address in memory, and its offset in the file. */
export const CODE_ADDRESS = 0x4010;
export const CODE_OFFSET = 0x1010;
const INFO = { local: 0x02, global: 0x12, indirect: 0x1a, undefined: 0x12, file: 0x04 } as const;

function table(functions: readonly FunctionInit[], offsets: readonly number[], kind: Kind): Uint8Array {
  const symbols = functions.map(({ address, kind: binding = 'global' }, i) => ({
    name: offsets[i] ?? 0,
    info: INFO[binding],
    section: binding === 'undefined' ? 0 : binding === 'file' ? 0xfff1 : 1,
    value: address,
  }));
  return symbolTable([{}, ...symbols], kind);
}

export function programFile(init: ProgramInit = {}): Uint8Array {
  const { dynamic = [], symbols = [], versions = [], stale = 0, littleEndian = true, bits = 64 } = init;
  const kind: Kind = { littleEndian, bits };
  const entrySize = bits === 32 ? 16 : 24;
  const dynamicNames = strings(...dynamic.map(({ name }) => name), ...versions);
  const names = strings(...symbols.map(({ name }) => name));
  const sections: SectionInit[] = [
    { name: '.text', flags: 6, size: 0, address: CODE_ADDRESS, offset: CODE_OFFSET + stale },
    { name: '.dynstr', type: 3, data: dynamicNames.data },
    {
      ...{ name: '.dynsym', type: 11, link: 2, entrySize },
      data: table(dynamic, dynamicNames.offsets, kind),
    },
    { name: '.strtab', type: 3, data: names.data },
    { ...{ name: '.symtab', type: 2, link: 4, entrySize }, data: table(symbols, names.offsets, kind) },
  ];
  if (versions.length > 0) {
    sections.push(
      {
        ...{ name: '.gnu.version', type: 0x6fffffff, link: 3, entrySize: 2 },
        data: versionNumbers([0, ...dynamic.map(({ version = 1 }) => version)], kind),
      },
      {
        ...{ name: '.gnu.version_d', type: 0x6ffffffd, link: 2, info: versions.length },
        data: versionDefinitions(dynamicNames.offsets.slice(dynamic.length), kind),
      },
    );
  }
  const segments = init.segments ?? [
    { flags: 4, offset: 0, address: 0, fileSize: 0x1000 },
    { flags: 5, offset: 0x1000, address: 0x4000, fileSize: 0x1000 },
  ];
  return elfFile(sections, { ...kind, type: 3, machine: 62, segments });
}
