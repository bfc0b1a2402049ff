import type { BtfTypes } from '../btf-types.ts';
import { checkTypes } from '../check-types.ts';
import { TYPE_WORDS } from '../type-index.ts';
import type { BtfEditor } from './editor.ts';

/** What a kernel may not know in BTF, the newest first. */
export type BtfLack =
  | 'attributes'
  | 'section_question_mark'
  | 'enum64'
  | 'type_tag'
  | 'decl_tag'
  | 'float'
  | 'func_global'
  | 'datasec'
  | 'func';

/**
 * The steps of leaving things out, until a kernel accepts the BTF. Each list says what is missing in kernels that also
 * lack everything newer (Linux 6.15, 6.9, 6.0, 5.17, 5.16, 5.13, 5.6, 5.2, 5.0).
 */
export const SANITISING_STEPS: readonly (readonly BtfLack[])[] = (
  [
    ...(['attributes', 'section_question_mark', 'enum64', 'type_tag', 'decl_tag'] as const),
    ...(['float', 'func_global', 'datasec', 'func'] as const),
  ] as const
).map((_, index, all) => all.slice(0, index + 1));

const INT_BITS = { 1: 8, 4: 32, 8: 64 } as const;

/** `struct btf_type` data of an unsigned integer. */
export const intWord = (bytes: keyof typeof INT_BITS): number => INT_BITS[bytes];

/** Whether these types have anything that a kernel lacks. */
export function concernsLack(types: BtfTypes, lack: BtfLack): boolean {
  checkTypes('concernsLack: types', types);
  for (let id = 1; id <= types.count; id++) if (concerned(types, id, lack)) return true;
  return false;
}

function concerned(types: BtfTypes, id: number, lack: BtfLack): boolean {
  const kind = types.kindOf(id);
  switch (lack) {
    case 'attributes':
      return kind === 'type_tag' || kind === 'decl_tag';
    case 'section_question_mark':
      return kind === 'datasec' && types.nameOf(id).startsWith('?');
    case 'enum64':
      return kind === 'enum64' || kind === 'enum';
    case 'func_global':
      return kind === 'func';
    case 'datasec':
      return kind === 'datasec' || kind === 'var';
    case 'func':
      return kind === 'func' || kind === 'func_proto';
    default:
      return kind === lack;
  }
}

/** Replaces what a kernel lacks with what every kernel knows. Sizes stay the same. */
export function sanitise(editor: BtfEditor, lacks: ReadonlySet<BtfLack>): void {
  const integers = new Map<4 | 8, number>();
  const integer = (bytes: 4 | 8): number => {
    const known = integers.get(bytes);
    if (known !== undefined) return known;
    const made = editor.add(`enum${bytes * 8}_placeholder`, 'int', bytes, [intWord(bytes)]);
    integers.set(bytes, made);
    return made;
  };
  let name: number | undefined;
  const unnamed = (): number => {
    name ??= editor.string('unnamed');
    return name;
  };
  // This also looks at types that are added meanwhile.
  for (let id = 1; id <= editor.count; id++) {
    switch (editor.kind(id)) {
      case 'enum64':
        if (lacks.has('enum64')) enumAsUnion(editor, id, integer(editor.word(id, 2) === 4 ? 4 : 8));
        break;
      case 'enum':
        // The sign came with the longer enums.
        if (lacks.has('enum64')) editor.setInfo(id, 'enum', editor.length(id));
        break;
      case 'type_tag':
        if (lacks.has('type_tag')) {
          editor.setInfo(id, 'const');
          editor.setWord(id, 0, 0);
        } else if (lacks.has('attributes')) editor.setInfo(id, 'type_tag');
        break;
      case 'decl_tag':
        if (lacks.has('decl_tag')) asByte(editor, id);
        else if (lacks.has('attributes')) editor.setInfo(id, 'decl_tag');
        break;
      case 'float':
        if (lacks.has('float')) {
          editor.setInfo(id, 'struct');
          editor.setWord(id, 0, 0);
        }
        break;
      case 'func':
        if (lacks.has('func')) editor.setInfo(id, 'typedef');
        else if (lacks.has('func_global')) editor.setInfo(id, 'func');
        break;
      case 'func_proto':
        if (lacks.has('func')) prototypeAsEnum(editor, id, unnamed);
        break;
      case 'datasec':
        if (lacks.has('datasec')) sectionAsStruct(editor, id);
        else if (lacks.has('section_question_mark')) rename(editor, id, /^\?/);
        break;
      case 'var':
        if (lacks.has('datasec')) asByte(editor, id);
        break;
      default:
    }
  }
}

/** The values become members, all at offset 0. */
function enumAsUnion(editor: BtfEditor, id: number, member: number): void {
  const values = editor.triples(id);
  editor.setInfo(id, 'union', values.length);
  editor.setTriples(
    id,
    values.map(([name]) => [name, member, 0]),
  );
}

/** An integer of one byte: the only size that fits into every container. */
function asByte(editor: BtfEditor, id: number): void {
  editor.setInfo(id, 'int');
  editor.setWord(id, 2, 1);
  editor.setWord(id, TYPE_WORDS, intWord(1));
}

/** The variables become members of the same name. */
function sectionAsStruct(editor: BtfEditor, id: number): void {
  const variables = editor.triples(id);
  editor.setInfo(id, 'struct', variables.length);
  editor.setTriples(
    id,
    variables.map(([type, offset]) => [editor.word(type, 0), type, offset * 8]),
  );
  rename(editor, id, /[.?]/g);
}

/**
 * Replaces characters that a name may not have with underscores. The old name stays, because others may have it too.
 */
function rename(editor: BtfEditor, id: number, wrong: RegExp): void {
  const name = editor.types.nameOf(id);
  const right = name.replace(wrong, '_');
  if (right !== name) editor.setWord(id, 0, editor.string(right));
}

/** Parameters take as many words as enumerators, which all need names. */
function prototypeAsEnum(editor: BtfEditor, id: number, unnamed: () => number): void {
  const count = editor.length(id);
  editor.setInfo(id, 'enum', count);
  editor.setWord(id, 2, 4);
  for (let at = TYPE_WORDS; at < TYPE_WORDS + 2 * count; at += 2) {
    if (editor.word(id, at) === 0) editor.setWord(id, at, unnamed());
  }
}
