import type { BtfTypes } from '../../btf/index.ts';

/** What a tag of a program that catches its own exceptions begins with (`__exception_cb`, Linux 6.7). */
const TAG = 'exception_callback:';

/** The functions that the kernel calls when a program throws, by the number of the program's `func` type. */
export function exceptionCallbacks(btf: BtfTypes | undefined): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  if (btf === undefined) return found;
  for (let id = 1; id <= btf.count; id++) {
    if (btf.kindOf(id) !== 'decl_tag') continue;
    const tag = btf.byId(id);
    if (tag.kind !== 'decl_tag' || tag.component !== -1 || !tag.name.startsWith(TAG)) continue;
    found.set(tag.type, tag.name.slice(TAG.length));
  }
  return found;
}
