import type { BtfTypes } from '../btf-types.ts';
import { checkTypes } from '../check-types.ts';
import { ownIdsOfKind } from '../own-ids.ts';
import { TYPE_WORDS } from '../type-index.ts';
import { BtfEditor } from './editor.ts';
import { type BtfLack, intWord, sanitise } from './sanitise.ts';

/** The places of the variables of a data section. */
export interface DataLayout {
  /** In bytes. */
  readonly size: number;
  /** Offset of each variable, by its name. Others stay where BTF has them, or follow one another. */
  readonly offsets: ReadonlyMap<string, number>;
}

export interface LoadableOptions {
  /** Data sections by name. Others are laid out one variable after the other, because nobody looks at them. */
  readonly sections?: ReadonlyMap<string, DataLayout> | undefined;
  /** Global functions that nobody calls from outside. The verifier checks them with what their callers pass. */
  readonly hidden?: ReadonlySet<string> | undefined;
  /** What the kernel does not know. */
  readonly lacks?: Iterable<BtfLack> | undefined;
}

const KSYMS = '.ksyms';
const GLOBAL = 1;
const EXTERN = 2;

/**
 * Makes an object file's BTF acceptable to the kernel. Compilers leave out sizes and offsets of data sections, and
 * describe things that are defined elsewhere, which the kernel does not know. So externs become globals, and the
 * section of kernel symbols holds plain integers. Type numbers and string offsets are those of the object's BTF, so
 * `.BTF.ext` fits both.
 *
 * @throws FormatError when a variable, its type or a name is malformed
 */
export function loadableBtf(types: BtfTypes, options: LoadableOptions = {}): Uint8Array<ArrayBuffer> {
  checkTypes('loadableBtf: types', types);
  const editor = new BtfEditor(types);
  const symbols = new KernelSymbols(editor);
  for (const id of ownIdsOfKind(types, 'func')) {
    const linkage = editor.length(id);
    if (linkage === EXTERN) symbols.declare(id);
    else if (linkage === GLOBAL && options.hidden?.has(types.nameOf(id)) === true) editor.setInfo(id, 'func');
  }
  for (const id of ownIdsOfKind(types, 'var')) {
    if (editor.word(id, TYPE_WORDS) === EXTERN) editor.setWord(id, TYPE_WORDS, GLOBAL);
  }
  for (const id of ownIdsOfKind(types, 'datasec')) {
    const name = types.nameOf(id);
    if (name === KSYMS) symbols.replace(id);
    layOut(editor, id, options.sections?.get(name));
  }
  const lacks = new Set(options.lacks);
  if (lacks.size > 0) sanitise(editor, lacks);
  return editor.encode();
}

/** Puts size and offsets into a data section, and its variables into the order that the kernel wants. */
function layOut(editor: BtfEditor, section: number, layout: DataLayout | undefined): void {
  const { types } = editor;
  let end = 0;
  const entries = editor.triples(section);
  for (const entry of entries) {
    const [type, given, size] = entry;
    const room = size === 0 ? sizeOf(editor, type) : size;
    const known = layout?.offsets.get(type > types.count ? '' : types.nameOf(type));
    const offset = known ?? (layout === undefined ? end : Math.max(end, given));
    end = Math.max(end, offset + room);
    entry[1] = offset;
    entry[2] = room;
  }
  editor.setTriples(
    section,
    entries.sort((a, b) => a[1] - b[1]),
  );
  editor.setWord(section, 2, Math.max(layout?.size ?? end, 1));
}

function sizeOf(editor: BtfEditor, variable: number): number {
  const { types } = editor;
  return variable > types.count ? 4 : types.sizeOf(variable);
}

/** Kernel symbols: the kernel accepts neither functions nor variables without a size in a data section. */
class KernelSymbols {
  readonly #editor: BtfEditor;
  #int: number | undefined;
  #variable: number | undefined;
  #name: number | undefined;

  constructor(editor: BtfEditor) {
    this.#editor = editor;
  }

  /** Makes a function that is defined elsewhere look like one of the object's. All its parameters need names. */
  declare(id: number): void {
    const editor = this.#editor;
    editor.setInfo(id, 'func', GLOBAL);
    const prototype = editor.word(id, 2);
    if (editor.kind(prototype) !== 'func_proto') return;
    for (let i = 0; i < editor.length(prototype); i++) {
      const at = TYPE_WORDS + 2 * i;
      if (editor.word(prototype, at) !== 0 || editor.word(prototype, at + 1) === 0) continue;
      this.#name ??= editor.string('unnamed');
      editor.setWord(prototype, at, this.#name);
    }
  }

  replace(section: number): void {
    const editor = this.#editor;
    this.#int ??= editor.add('int', 'int', 4, [intWord(4)]);
    const int = this.#int;
    const entries = editor.triples(section).map(([type]): [number, number, number] => {
      if (editor.kind(type) === 'var') {
        editor.setWord(type, 2, int);
        return [type, 0, 4];
      }
      this.#variable ??= editor.add('kernel_function', 'var', int, [GLOBAL]);
      return [this.#variable, 0, 4];
    });
    editor.setTriples(section, entries);
  }
}
