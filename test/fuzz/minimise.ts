import type { Input } from './target.ts';

/** The maximum number of tries. An input need not be as small as possible. */
const TRIES = 1500;

/**
 * Finds an input that still fails, and that differs from the undamaged one in as few bytes as possible.
 *
 * @param fails - whether an input has the same finding
 */
export function minimise(input: Input, origin: Input, fails: (input: Input) => boolean): Input {
  let best = [...input];
  let tries = 0;
  const attempt = (part: number, bytes: Uint8Array): boolean => {
    const next = best.with(part, bytes);
    if (++tries > TRIES || !fails(next)) return false;
    best = next;
    return true;
  };
  for (const [i, original] of origin.entries()) {
    if (attempt(i, original)) continue;
    if (best[i]?.length !== original.length) continue;
    for (let size = original.length; size >= 1 && tries < TRIES; size = size >> 1) {
      for (let at = 0; at < original.length && tries < TRIES; at += size) {
        const bytes = (best[i] ?? original).slice();
        const undamaged = original.subarray(at, at + size);
        if (Buffer.compare(bytes.subarray(at, at + size), undamaged) === 0) continue;
        bytes.set(undamaged, at);
        attempt(i, bytes);
      }
    }
  }
  return best;
}
