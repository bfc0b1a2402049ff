/** Words that tend to lie at the edge of something. */
const EDGES = [
  0, 1, 3, 4, 0x7f, 0xff, 0xffff, 0x10000, 0xff_ffff, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff,
];

/** A small, repeatable generator of random numbers (xorshift). */
export function random(seed: number): (below: number) => number {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** A damaged copy. Headers are damaged more often than the rest, as most decisions are made there. */
export function mutate(blob: Uint8Array, next: (below: number) => number): Uint8Array {
  let bytes = blob.slice(0, next(10) === 0 ? next(blob.length) : blob.length);
  const view = new DataView(bytes.buffer);
  for (let changes = 1 + next(6); changes > 0 && bytes.length > 4; changes--) {
    const at = next(bytes.length - 3);
    const word = at & ~3;
    switch (next(6)) {
      case 0:
        bytes[at] = next(256);
        break;
      case 1:
        bytes[at] = (bytes[at] ?? 0) ^ (1 << next(8));
        break;
      case 2:
        view.setUint32(word, EDGES[next(EDGES.length)] ?? 0, true);
        break;
      case 3: // a word that occurs elsewhere
        view.setUint32(word, view.getUint32(next(bytes.length - 3)));
        break;
      case 4: // the header, where most decisions are made
        view.setUint32(
          Math.min(next(6) * 4, bytes.length - 4),
          EDGES[next(EDGES.length)] ?? 0,
          next(2) === 0,
        );
        break;
      default:
        bytes.copyWithin(at, next(bytes.length), next(bytes.length));
    }
  }
  if (next(8) === 0) bytes = new Uint8Array([...bytes.subarray(0, 4), ...bytes]).subarray(4);
  return bytes;
}
