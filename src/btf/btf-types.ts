import { byteText } from '../bytes/index.ts';
import {
  checkBytes,
  checkOurs,
  FormatError,
  OURS,
  rejectUnknownOptions,
  wrongType,
} from '../errors/index.ts';
import { decodeMember, decodeType, type TypeSource } from './decode.ts';
import { readHeader } from './header.ts';
import { type BtfNamePart, NameIndex, partOf, type StringTable, tableOf } from './name-index.ts';
import { beginsWith, MAX_NAME_BYTES, readString } from './strings.ts';
import { indexTypes, kindOfInfo, lengthOfInfo, TYPE_WORDS, type TypeIndex } from './type-index.ts';
import {
  BTF_KINDS,
  type BtfKind,
  type BtfMember,
  type BtfOutline,
  type BtfType,
  type BtfTypeOf,
  isModifier,
} from './types.ts';
import { toWords } from './words.ts';

/** How to parse BTF. */
export interface BtfParseOptions {
  /** The BTF that this one continues ("split BTF"). The BTF of each kernel module continues the kernel's. */
  readonly base?: BtfTypes | undefined;
  /** The file the bytes came from, for errors. */
  readonly file?: string | undefined;
}

/** A type has fewer elements: their number has 24 bits. */
const MOST_MEMBERS = 2 ** 24;

const VOID: BtfType = { kind: 'void', id: 0, name: '' };

/**
 * The types of a BTF blob, such as the content of /sys/kernel/btf/vmlinux. Parsing only finds where each type begins.
 * The object for a type is made when you ask for that type, and the table of names when you ask for the first name. So
 * errors within a type show up when the type is read. The bytes are used in place, so do not change them afterwards.
 */
export class BtfTypes {
  /** The byte order the types were written in. */
  readonly littleEndian: boolean;
  /** The BTF this one continues. */
  readonly base: BtfTypes | undefined;
  /** Number of types. Those of the base count, void does not. Types have the numbers 1 to `count`. */
  readonly count: number;
  readonly #file: string | undefined;
  readonly #words: Uint32Array;
  readonly #index: TypeIndex;
  readonly #offsets: Uint32Array;
  readonly #strings: StringTable;
  readonly #firstId: number;
  readonly #made = new Map<number, BtfType>();
  readonly #outlines = new Map<number, BtfOutline>();
  readonly #members = new Map<number, BtfMember>();
  #names: NameIndex | undefined;
  readonly #read: TypeSource['string'] = (offset, blame) => this.#string(offset, blame);

  private constructor(key: typeof OURS, bytes: Uint8Array, options: BtfParseOptions) {
    checkOurs(key, 'BtfTypes', 'BtfTypes.parse');
    const { base, file } = options;
    const header = readHeader(bytes, file);
    const { stringsStart, stringsEnd } = header;
    const strings = Buffer.from(bytes.buffer, bytes.byteOffset + stringsStart, stringsEnd - stringsStart);
    if (strings.length === 0 ? base === undefined : strings[strings.length - 1] !== 0) {
      throw new FormatError('strings do not end with a NUL', { file, section: '.BTF strings' });
    }
    if (base === undefined && strings[0] !== 0) {
      throw new FormatError('the first string is not empty', { file, section: '.BTF strings' });
    }
    this.littleEndian = header.littleEndian;
    this.base = base;
    this.#file = file;
    this.#words = toWords(bytes.subarray(header.typesStart, header.typesEnd), header.littleEndian);
    this.#index = indexTypes(this.#words, file);
    this.#offsets = this.#index.offsets;
    const start = base === undefined ? 0 : base.#strings.start + base.#strings.bytes.length;
    this.#strings = {
      start,
      bytes: strings,
      text: byteText(strings),
      base: base === undefined ? undefined : base.#strings,
    };
    this.#firstId = base === undefined ? 1 : base.count + 1;
    this.count = this.#firstId - 1 + this.#offsets.length;
  }

  /**
   * Parses a raw BTF blob of either byte order: the content of a `.BTF` section or of a file in /sys/kernel/btf.
   *
   * @throws FormatError when it is not BTF, is cut off, or holds types of unknown kinds
   * @throws TypeError for wrong and unknown options
   */
  static parse(bytes: Uint8Array, options: BtfParseOptions = {}): BtfTypes {
    checkBytes('BtfTypes.parse: bytes', bytes);
    rejectUnknownOptions('BtfTypes.parse', options, ['base', 'file']);
    const { base } = options;
    if (base !== undefined && !(base instanceof BtfTypes)) {
      throw wrongType('BtfTypes.parse: base', 'BtfTypes', base);
    }
    return new BtfTypes(OURS, bytes, options);
  }

  /**
   * The type with this number. Objects are kept: the same number gives the same object.
   *
   * @throws RangeError when there is no such type
   * @throws FormatError when the type is malformed
   */
  byId(id: number): BtfType {
    const known = this.#made.get(id);
    if (known !== undefined) return known;
    const type = this.#decode(id);
    this.#made.set(id, type);
    return type;
  }

  /**
   * Like {@link byId}, but structs and unions have no members: {@link member} makes them one by one. For code that
   * looks at few members of types with hundreds of them.
   */
  outline(id: number): BtfOutline {
    const known = this.#outlines.get(id);
    if (known !== undefined) return known;
    const kind = this.kindOf(id);
    if (kind !== 'struct' && kind !== 'union') return this.byId(id) as BtfOutline;
    const outline = this.#outlineOf(id, kind);
    this.#outlines.set(id, outline);
    return outline;
  }

  #outlineOf(id: number, kind: 'struct' | 'union'): BtfOutline {
    const home = this.#home(id);
    const at = home.#offsets[id - home.#firstId] as number;
    const length = lengthOfInfo(home.#words[at + 1] as number);
    return { kind, id, name: this.nameOf(id), size: home.#words[at + 2] as number, length };
  }

  /**
   * A member of a struct or union. `undefined` if it has fewer members, or the type is something else.
   *
   * @throws RangeError when there is no type `id`
   * @throws FormatError when the member is malformed
   */
  member(id: number, index: number): BtfMember | undefined {
    const type = this.outline(id);
    if (type.kind !== 'struct' && type.kind !== 'union') return undefined;
    if (!(index >= 0 && index < type.length)) return undefined;
    const key = id * MOST_MEMBERS + index;
    let member = this.#members.get(key);
    if (member === undefined) {
      member = decodeMember(this.#home(id).#source(id), index);
      this.#members.set(key, member);
    }
    return member;
  }

  /**
   * The number of the first member of a struct or union, from `start` on, that has this name or no name. -1 if there is
   * none.
   *
   * @param name - its bytes and a NUL
   */
  nextMember(id: number, name: Uint8Array, start: number): number {
    const home = this.#home(id);
    const words = home.#words;
    const first = (home.#offsets[id - home.#firstId] as number) + TYPE_WORDS;
    const length = lengthOfInfo(words[first - 2] as number);
    const { bytes: own, start: ownStart } = home.#strings;
    const initial = name[0];
    for (let i = start; i < length; i++) {
      const offset = words[first + 3 * i] as number;
      if (offset === 0) return i;
      // The first byte of the name rules most members out. It is undefined for names in a base, too.
      const byte = own[offset - ownStart] as number;
      if (byte !== initial && byte > 0) continue;
      const { bytes, start: tableStart } = tableOf(home.#strings, offset);
      const at = offset - tableStart;
      if (at >= bytes.length)
        throw home.#typeError(id, `member ${i} has a name at ${offset}, beyond the strings`);
      if (bytes[at] === 0 || beginsWith(bytes, at, name)) return i;
    }
    return -1;
  }

  /** The kind of a type, without making an object. @throws RangeError when there is no such type */
  kindOf(id: number): BtfKind {
    if (id === 0) return 'void';
    const home = this.#home(id);
    const info = home.#words[(home.#offsets[id - home.#firstId] as number) + 1] as number;
    return BTF_KINDS[kindOfInfo(info)] ?? 'void';
  }

  /**
   * The name of a type, empty for an anonymous one, without making an object.
   *
   * @throws RangeError when there is no such type
   * @throws FormatError when the name lies outside the strings
   */
  nameOf(id: number): string {
    if (id === 0) return '';
    const home = this.#home(id);
    const offset = home.#words[home.#offsets[id - home.#firstId] as number] as number;
    return home.#string(offset, (problem) => home.#typeError(id, problem));
  }

  /** The first type with this name, and with this kind if you give one. @throws FormatError when it is malformed */
  byName<K extends BtfKind = BtfKind>(name: string, kind?: K): BtfTypeOf<K> | undefined {
    const id = this.#idByName(name, kind);
    return id === undefined ? undefined : (this.byId(id) as BtfTypeOf<K>);
  }

  #idByName(name: string, kind: BtfKind | undefined): number | undefined {
    const inBase = this.base === undefined ? undefined : this.base.#idByName(name, kind);
    if (inBase !== undefined) return inBase;
    const part = kind === undefined ? undefined : partOf(kind);
    for (const index of this.#nameIndex().find(name, part)) {
      const id = this.#firstId + index;
      if (kind === undefined || this.kindOf(id) === kind) return id;
    }
    return undefined;
  }

  /** All types with this name, and with this kind if you give one. @throws FormatError when one is malformed */
  allByName<K extends BtfKind = BtfKind>(name: string, kind?: K): BtfTypeOf<K>[] {
    return Array.from(this.idsByName(name, kind), (id) => this.byId(id) as BtfTypeOf<K>);
  }

  /**
   * Numbers of the types with this name, and with this kind if you give one. Those of the base come first, each in
   * ascending order.
   */
  *idsByName(name: string, kind?: BtfKind): Generator<number, void> {
    if (this.base !== undefined) yield* this.base.idsByName(name, kind);
    const part = kind === undefined ? undefined : partOf(kind);
    for (const id of this.ownIdsByName(name, part)) {
      if (kind === undefined || this.kindOf(id) === kind) yield id;
    }
  }

  /**
   * Numbers of the types with this name in ascending order, without those of the base.
   *
   * @param part - only types proper, or only functions, variables and tags
   */
  ownIdsByName(name: string, part?: BtfNamePart): number[] {
    return this.#ids(this.#nameIndex().find(name, part));
  }

  /**
   * Numbers of the types whose names begin with this, in ascending order. Without those of the base, and without
   * functions and variables.
   *
   * @param beginning - four bytes or more
   */
  ownIdsBeginningWith(beginning: string): number[] {
    return this.#ids(this.#nameIndex().beginningWith(beginning));
  }

  #ids(indices: readonly number[]): number[] {
    return Array.from(indices, (index) => this.#firstId + index);
  }

  #nameIndex(): NameIndex {
    this.#names ??= new NameIndex(this.#words, this.#index, this.#strings);
    return this.#names;
  }

  /** All types in the order of their numbers. Those of the base come first. These objects are not kept. */
  *[Symbol.iterator](): Generator<BtfType, void> {
    for (let id = 1; id <= this.count; id++) yield this.#made.get(id) ?? this.#decode(id);
  }

  /**
   * The type that typedefs, qualifiers and type tags lead to.
   *
   * @throws RangeError when there is no type `id`
   * @throws FormatError when the chain of types is malformed or closes on itself
   */
  resolve(id: number): BtfType {
    let type = this.byId(id);
    for (let steps = 0; isModifier(type.kind) && 'type' in type; steps++) {
      if (steps > this.count) throw this.#circle(id);
      type = this.byId(type.type);
    }
    return type;
  }

  /** Like {@link resolve}, but gives an {@link outline}. */
  resolveOutline(id: number): BtfOutline {
    let type = this.outline(id);
    for (let steps = 0; isModifier(type.kind) && 'type' in type; steps++) {
      if (steps > this.count) throw this.#circle(id);
      type = this.outline(type.type);
    }
    return type;
  }

  #circle(id: number): FormatError {
    return this.#typeError(id, 'typedefs and qualifiers refer to each other in a circle');
  }

  /** The size of a pointer in bytes: 8, because BPF is 64-bit on every machine. */
  readonly pointerSize: number = 8;

  /**
   * The size of a value of the type in bytes.
   *
   * @throws RangeError when there is no type `id`
   * @throws FormatError for types without a size (void, fwd, func, func_proto, decl_tag) and malformed ones
   */
  sizeOf(id: number): number {
    let count = 1;
    let type = this.outline(id);
    // One count of steps for the whole way, so that hostile types cannot make it quadratic.
    for (let steps = 0; type.kind === 'array' || type.kind === 'var' || isModifier(type.kind); steps++) {
      if (steps > this.count) throw this.#typeError(id, 'types contain each other in a circle');
      if (type.kind === 'array') count *= type.length;
      type = this.outline('type' in type ? type.type : 0);
    }
    const size = type.kind === 'ptr' ? this.pointerSize : 'size' in type ? type.size : undefined;
    if (size === undefined) throw this.#typeError(id, `a ${type.kind} has no size`);
    if (!Number.isSafeInteger(count * size)) throw this.#typeError(id, `size ${count * size} is too large`);
    return count * size;
  }

  /** The part, this BTF or a base, that stores type `id`. */
  #home(id: number): BtfTypes {
    if (!Number.isInteger(id) || id < 1 || id > this.count) {
      if (typeof id !== 'number') throw wrongType('type number', 'a number', id);
      throw new RangeError(`type number must be an integer from 0 to ${this.count}, got ${id}`);
    }
    let home: BtfTypes = this;
    while (id < home.#firstId && home.base !== undefined) home = home.base;
    return home;
  }

  #decode(id: number): BtfType {
    return id === 0 ? VOID : decodeType(this.#home(id).#source(id));
  }

  #source(id: number): TypeSource {
    return {
      words: this.#words,
      at: this.#offsets[id - this.#firstId] as number,
      id,
      file: this.#file,
      limit: this.count + 1,
      string: this.#read,
    };
  }

  /**
   * The string at this offset of all strings, including those of the base: what `.BTF.ext` refers to.
   *
   * @param blame - makes the error, if the offset comes from somewhere else
   * @throws FormatError when it lies outside
   */
  stringAt(
    offset: number,
    blame: (problem: string) => FormatError = (problem) =>
      new FormatError(problem, { file: this.#file, section: '.BTF strings' }),
  ): string {
    return this.#string(offset, blame);
  }

  /** The end of its strings: the offset of the last byte plus one. Those of the base come first. */
  get stringsEnd(): number {
    return this.#strings.start + this.#strings.bytes.length;
  }

  /** The first offset of every string, including those of the base: for code that writes more BTF. */
  stringOffsets(): Map<string, number> {
    const found = this.base?.stringOffsets() ?? new Map<string, number>();
    const { start, bytes } = this.#strings;
    for (let at = 0; at < bytes.length; at = bytes.indexOf(0, at) + 1) {
      const text = readString(bytes, at);
      if (text !== undefined && !found.has(text)) found.set(text, start + at);
    }
    return found;
  }

  /**
   * Its own parts, without those of the base: 32-bit words in this machine's byte order, the first word of each type,
   * and the strings. For code that writes BTF in which type numbers and string offsets stay the same. These are not
   * copies, so do not change them.
   */
  parts(): { readonly words: Uint32Array; readonly starts: Uint32Array; readonly strings: Uint8Array } {
    return { words: this.#words, starts: this.#offsets, strings: this.#strings.bytes };
  }

  #string(offset: number, blame: (problem: string) => FormatError): string {
    const { start, bytes, text: all } = tableOf(this.#strings, offset);
    if (offset - start >= bytes.length) {
      throw blame(`name at ${offset}, but the strings end at ${start + bytes.length}`);
    }
    const text = readString(bytes, offset - start, all);
    if (text === undefined) throw blame(`name at ${offset} is longer than ${MAX_NAME_BYTES} bytes`);
    return text;
  }

  #typeError(id: number, problem: string): FormatError {
    return new FormatError(problem, { file: this.#file, section: `.BTF type ${id}` });
  }
}
