import { coreRelocationKinds, nameOrNumber } from '../../abi/index.ts';
import type { ByteReader } from '../../bytes/index.ts';
import { checkBytes, checkOurs, OURS } from '../../errors/index.ts';
import type { BtfTypes } from '../btf-types.ts';
import { checkTypes } from '../check-types.ts';
import { BTF_MAGIC } from '../header.ts';
import { type Extent, readExtHeader } from './header.ts';
import { Line } from './line.ts';
import { type RecordBlock, type RecordSource, readBlocks, readerOf } from './records.ts';
import type { FunctionInfo, LineInfo, PlacedCoreRelocation } from './types.ts';

/** How to parse .BTF.ext. */
export interface BtfExtParseOptions {
  /** The file the bytes came from, for errors. */
  readonly file?: string | undefined;
}

const FUNCTION_INFO_SIZE = 8;
const LINE_INFO_SIZE = 16;
const CORE_RELOCATION_SIZE = 16;

/**
 * A `.BTF.ext` section (Linux Documentation/bpf/btf.rst): facts about the instructions of each ELF section. Parsing
 * only finds where each section's records are; they are read on first use. The bytes are used in place, so do not
 * change them afterwards.
 */
export class BtfExt {
  /** The byte order it was written in. */
  readonly littleEndian: boolean;
  readonly #source: RecordSource;
  readonly #reader: ByteReader;
  readonly #types: BtfTypes;
  readonly #functions: readonly RecordBlock[];
  readonly #lines: readonly RecordBlock[];
  readonly #relocations: readonly RecordBlock[];

  private constructor(key: typeof OURS, bytes: Uint8Array, types: BtfTypes, options: BtfExtParseOptions) {
    checkOurs(key, 'BtfExt', 'BtfExt.parse');
    // The magic number shows the byte order.
    this.littleEndian = bytes[0] === (BTF_MAGIC & 0xff);
    this.#types = types;
    this.#source = {
      bytes,
      littleEndian: this.littleEndian,
      file: options.file,
      string: (offset, blame) => types.stringAt(offset, blame),
    };
    this.#reader = readerOf(this.#source);
    const header = readExtHeader(this.#reader);
    const blocks = (part: Extent, what: string, least: number): RecordBlock[] =>
      part.length === 0 ? [] : readBlocks(this.#source, this.#reader.seek(part.start), part, what, least);
    this.#functions = blocks(header.functions, 'function infos', FUNCTION_INFO_SIZE);
    this.#lines = blocks(header.lines, 'line infos', LINE_INFO_SIZE);
    this.#relocations = blocks(header.relocations, 'CO-RE relocations', CORE_RELOCATION_SIZE);
  }

  /**
   * Parses the content of a `.BTF.ext` section.
   *
   * @param types - the `.BTF` section of the same file, whose strings and types it refers to
   * @throws FormatError when it is not .BTF.ext, or is cut off
   */
  static parse(bytes: Uint8Array, types: BtfTypes, options: BtfExtParseOptions = {}): BtfExt {
    checkBytes('BtfExt.parse: bytes', bytes);
    checkTypes('BtfExt.parse: types', types);
    return new BtfExt(OURS, bytes, types, options);
  }

  /** Names of the ELF sections that have records. */
  get sections(): string[] {
    const blocks = [...this.#functions, ...this.#lines, ...this.#relocations];
    return [...new Set(blocks.map(({ section }) => section))];
  }

  /** The functions of an ELF section, in the order of the file. @throws FormatError */
  functions(section: string): FunctionInfo[] {
    return this.#records(this.#functions, section, (reader, start) => ({
      offset: reader.u32(),
      typeId: this.#typeId(reader, start + 4),
    }));
  }

  /**
   * The source lines of an ELF section, in the order of the file.
   *
   * @throws FormatError; reading the texts may too
   */
  lines(section: string): LineInfo[] {
    return this.#records(this.#lines, section, (reader, start) => {
      const offset = reader.u32();
      const fileOffset = reader.u32();
      const textOffset = reader.u32();
      return new Line(this.#source, start, offset, fileOffset, textOffset, reader.u32());
    });
  }

  /** The CO-RE relocations of an ELF section, in the order of the file. @throws FormatError */
  relocations(section: string): PlacedCoreRelocation[] {
    return this.#records(this.#relocations, section, (reader, start) => {
      const offset = reader.u32();
      const typeId = this.#typeId(reader, start + 4);
      const access = this.#string(reader, start + 8);
      const kind = reader.u32();
      return { offset, kind: nameOrNumber(coreRelocationKinds, kind), typeId, access };
    });
  }

  #records<T>(
    blocks: readonly RecordBlock[],
    section: string,
    read: (reader: ByteReader, start: number) => T,
  ): T[] {
    const records: T[] = [];
    const reader = this.#reader;
    for (const block of blocks) {
      if (block.section !== section) continue;
      for (let i = 0; i < block.count; i++) {
        const start = block.start + i * block.stride;
        records.push(read(reader.seek(start), start));
      }
    }
    return records;
  }

  #string(reader: ByteReader, at: number): string {
    return this.#source.string(reader.u32(), (problem) => reader.error(problem, at));
  }

  #typeId(reader: ByteReader, at: number): number {
    const id = reader.u32();
    if (id > this.#types.count) {
      throw reader.error(`refers to type ${id}, but there are only ${this.#types.count}`, at);
    }
    return id;
  }
}
