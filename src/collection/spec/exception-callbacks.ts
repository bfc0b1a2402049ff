import type { BtfTypes } from '../../btf/index.ts';
import { ownIdsOfKind } from '../../btf/own-ids.ts';

/** What a tag of a program that catches its own exceptions begins with (`__exception_cb`, Linux 6.7). */
const TAG = 'exception_callback:';

/** The functions that the kernel calls when a program throws, by the number of the program's `func` type. */
export function exceptionCallbacks(btf: BtfTypes | undefined): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  if (btf === undefined) return found;
  for (const id of ownIdsOfKind(btf, 'decl_tag')) {
    const tag = btf.byId(id);
    if (tag.kind !== 'decl_tag' || tag.component !== -1 || !tag.name.startsWith(TAG)) continue;
    found.set(tag.type, tag.name.slice(TAG.length));
  }
  return found;
}
