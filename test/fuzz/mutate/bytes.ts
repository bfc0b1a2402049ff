import { otherWord, type Random } from './random.ts';

/**
 * Returns a damaged copy, whatever the bytes mean. Damages the beginning more often, because the readers make most
 * decisions there.
 */
export function mutateBytes(bytes: Uint8Array, next: Random): Uint8Array {
  const copy = bytes.slice(0, next(12) === 0 ? next(bytes.length) : bytes.length);
  const view = new DataView(copy.buffer);
  for (let changes = 1 + next(5); changes > 0 && copy.length > 4; changes--) {
    const reach = next(4) === 0 ? Math.min(copy.length, 64) : copy.length;
    const at = next(reach - 3);
    const word = at & ~3;
    const little = next(4) !== 0;
    switch (next(5)) {
      case 0:
        copy[at] = next(256);
        break;
      case 1:
        copy[at] = (copy[at] ?? 0) ^ (1 << next(8));
        break;
      case 2:
        view.setUint32(word, otherWord(view.getUint32(word, little), next), little);
        break;
      case 3: // a word that occurs elsewhere
        view.setUint32(word, view.getUint32(next(copy.length - 3)));
        break;
      default:
        copy.copyWithin(at, next(copy.length), next(copy.length));
    }
  }
  return copy;
}
