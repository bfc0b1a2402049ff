import type { MapCore } from '../core.ts';
import { describe } from '../facts.ts';

/** Makes the error for memory that foreign code has transferred, and that the kernel therefore must not get. */
export function transferred(core: MapCore): TypeError {
  return new TypeError(
    `Cannot use ${describe(core.facts)}: the memory that its codecs work on was transferred: codecs must copy what they return`,
  );
}
