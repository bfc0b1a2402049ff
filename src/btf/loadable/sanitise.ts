import { TYPE_WORDS } from '../type-index.ts';
import type { BtfEditor } from './editor.ts';

/** What a kernel may not know in BTF, the newest first. */
export type BtfLack = 'attributes' | 'enum64' | 'type_tag' | 'decl_tag' | 'float' | 'func_global';

/**
 * What to leave out, one after the other, until a kernel takes the BTF: each list says what kernels lack that also
 * lack all that is newer (Linux 6.15, 6.0, 5.17, 5.16, 5.13, 5.6).
 */
export const SANITISING_STEPS: readonly (readonly BtfLack[])[] = (
  ['attributes', 'enum64', 'type_tag', 'decl_tag', 'float', 'func_global'] as const
).map((_, index, all) => all.slice(0, index + 1));

const INT_BITS = { 1: 8, 4: 32, 8: 64 } as const;

/** `struct btf_type` data of an unsigned integer. */
export const intWord = (bytes: keyof typeof INT_BITS): number => INT_BITS[bytes];

/** Puts what every kernel knows in the place of what a kernel lacks. Sizes stay the same. */
export function sanitise(editor: BtfEditor, lacks: ReadonlySet<BtfLack>): void {
  if (lacks.size === 0) return;
  const integers = new Map<4 | 8, number>();
  const integer = (bytes: 4 | 8): number => {
    const known = integers.get(bytes);
    if (known !== undefined) return known;
    const made = editor.add(`enum${bytes * 8}_placeholder`, 'int', bytes, [intWord(bytes)]);
    integers.set(bytes, made);
    return made;
  };
  for (const id of editor.ids()) {
    switch (editor.kind(id)) {
      case 'enum64':
        if (lacks.has('enum64')) enumAsUnion(editor, id, integer(editor.word(id, 2) === 4 ? 4 : 8));
        break;
      case 'type_tag':
        if (lacks.has('type_tag')) {
          editor.setInfo(id, 'const');
          editor.setWord(id, 0, 0);
        } else if (lacks.has('attributes')) editor.setInfo(id, 'type_tag');
        break;
      case 'decl_tag':
        if (lacks.has('decl_tag')) {
          editor.setInfo(id, 'int');
          editor.setWord(id, 2, 1);
          editor.setWord(id, TYPE_WORDS, intWord(1));
        } else if (lacks.has('attributes')) editor.setInfo(id, 'decl_tag');
        break;
      case 'float':
        if (lacks.has('float')) {
          editor.setInfo(id, 'struct');
          editor.setWord(id, 0, 0);
        }
        break;
      case 'func':
        if (lacks.has('func_global')) editor.setInfo(id, 'func');
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
