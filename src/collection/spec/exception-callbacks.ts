import type { BtfTypes } from '../../btf/index.ts';

/** What a tag of a program that catches its own exceptions begins with (`__exception_cb`, Linux 6.7). */
const TAG = 'exception_callback:';

/** The functions that the kernel calls when a program throws, by the number of the program's `func` type. */
export function exceptionCallbacks(btf: BtfTypes | undefined): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const type of btf ?? []) {
    if (type.kind !== 'decl_tag' || type.component !== -1 || !type.name.startsWith(TAG)) continue;
    found.set(type.type, type.name.slice(TAG.length));
  }
  return found;
}
