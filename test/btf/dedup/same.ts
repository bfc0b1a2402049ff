import { createHash } from 'node:crypto';
import type { BtfType, BtfTypes, NewBtfType } from '../../../src/btf/index.ts';
import { referencesOf, withReferences } from '../../../src/btf/references.ts';

/**
 * After this many rounds, types that differ at all also have different texts. This is more than the longest path
 * between two types in tests.
 */
const ROUNDS = 24;

/**
 * One text for each type. It says what the type is and what it refers to, independent of type numbers. The texts are
 * sorted, so two BTFs hold the same types exactly if the lists are equal. The types of the base are left out.
 */
export function descriptions(types: BtfTypes): string[] {
  const shape = (type: BtfType): string => {
    const { id: _, ...rest } = withReferences(type as NewBtfType, () => 0) as BtfType;
    return JSON.stringify(rest, (_, value) => (typeof value === 'bigint' ? String(value) : value));
  };
  const all = [...types];
  const shapes = all.map(shape);
  let texts = ['void', ...shapes];
  for (let round = 0; round < ROUNDS; round++) {
    texts = [
      'void',
      ...all.map((type, i) => {
        const hash = createHash('sha1').update(shapes[i] ?? '');
        for (const id of referencesOf(type as NewBtfType)) hash.update(texts[id] ?? '');
        return `${type.kind} ${type.name} ${hash.digest('hex')}`;
      }),
    ];
  }
  return texts.slice(1 + (types.base?.count ?? 0)).sort();
}
