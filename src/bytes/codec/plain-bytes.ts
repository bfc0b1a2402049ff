import { bytes } from './bytes.ts';
import type { Codec } from './codec.ts';
import { nothing } from './scalars.ts';

/** What a key or a value of this many bytes is read with if nothing is known about it. */
export function plainBytes(size: number): Codec<unknown> {
  return size === 0 ? nothing : (bytes(size) as Codec<unknown>);
}
