import type { MapCore } from '../core.ts';
import { describe } from '../facts.ts';

/** The error for memory that foreign code has taken away from the library, which must not reach the kernel. */
export function transferred(core: MapCore): TypeError {
  return new TypeError(
    `Cannot use ${describe(core.facts)}: the memory that its codecs work on was transferred: codecs must copy what they return`,
  );
}
