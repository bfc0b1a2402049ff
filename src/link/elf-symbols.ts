import { readHeader } from '../elf/header.ts';
import { ElfFile, SECTION_TYPE } from '../elf/index.ts';
import { BpfError, unreadable } from '../errors/index.ts';

const { closeSync, constants, fstatSync, openSync, readSync } = process.getBuiltinModule('node:fs');

/** Larger than any program; the bytes are addressed as one array. */
const LARGEST = 2 ** 32;
/** The larger of the two headers. */
const HEADER_ROOM = 64;

/** A file of which only some parts are read: the others stay zero, and take no memory. */
class PartlyRead {
  readonly bytes: Uint8Array;
  readonly #fd: number;

  constructor(fd: number, size: number) {
    this.#fd = fd;
    this.bytes = new Uint8Array(size);
  }

  read(offset: number, length: number): void {
    const end = Math.min(offset + length, this.bytes.length);
    for (let at = offset; at < end; ) {
      const count = readSync(this.#fd, this.bytes, at, Math.min(end - at, 2 ** 30), at);
      // It became shorter meanwhile.
      if (count === 0) return;
      at += count;
    }
  }
}

/** What the dynamic symbols consist of: numbers, and all names but those of the larger table. */
const DYNAMIC: ReadonlySet<number> = new Set([
  SECTION_TYPE.dynsym,
  SECTION_TYPE.versym,
  SECTION_TYPE.verdef,
  SECTION_TYPE.strtab,
]);

/** A program or library of which as much is read as is needed; everything else reads as zeros. */
export class ElfSymbols {
  readonly #file: PartlyRead;
  readonly #path: string;
  /** With the dynamic symbols only. */
  readonly dynamic: ElfFile;
  #all: ElfFile | undefined;

  constructor(fd: number, size: number, path: string) {
    const file = new PartlyRead(fd, size);
    const { bytes } = file;
    file.read(0, HEADER_ROOM);
    const { segments, sections } = readHeader(bytes, path);
    file.read(segments.start, segments.count * segments.entrySize);
    // More than the header can count.
    file.read(sections.start, sections.count === 0 ? size : sections.count * sections.entrySize);
    // The names of sections are empty the first time.
    const headers = ElfFile.parse(bytes, { file: path });
    const larger = headers.sections.find(({ type }) => type === SECTION_TYPE.symtab);
    for (const { type, index, data } of headers.sections) {
      if (DYNAMIC.has(type) && index !== larger?.link) file.read(data.byteOffset, data.length);
    }
    this.#file = file;
    this.#path = path;
    this.dynamic = ElfFile.parse(bytes, { file: path });
  }

  /** With the larger table too, which stripped files do not have. */
  get all(): ElfFile {
    if (this.#all === undefined) {
      const { sections } = this.dynamic;
      for (const table of sections.filter(({ type }) => type === SECTION_TYPE.symtab)) {
        for (const { data } of [table, sections[table.link] ?? table]) {
          this.#file.read(data.byteOffset, data.length);
        }
      }
      this.#all = ElfFile.parse(this.#file.bytes, { file: this.#path });
    }
    return this.#all;
  }
}

/**
 * Opens a program or library for its symbols. It is read, not mapped: a mapping kills the process that reads it when
 * somebody shortens the file.
 *
 * @throws FormatError; BpfError with the file system's code, `ERR_BPF_NOT_A_FILE` for folders, pipes and devices
 */
export function withElfSymbols<T>(path: string, use: (symbols: ElfSymbols) => T): T {
  let fd: number;
  try {
    // Opening a pipe would wait for its other end.
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    throw unreadable(`the functions of ${path}`, cause);
  }
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size > LARGEST) {
      const problem = stat.isFile() ? `it is too large: ${stat.size} bytes` : 'it is not a regular file';
      throw new BpfError(`Cannot read the functions of ${path}: ${problem}`, { code: 'ERR_BPF_NOT_A_FILE' });
    }
    return use(new ElfSymbols(fd, stat.size, path));
  } finally {
    closeSync(fd);
  }
}
