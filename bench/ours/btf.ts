import { kernelBtf } from 'ebpf-ts/sys';
import type { Contender } from './serve.ts';

export function btfIndex(): Contender {
  return {
    run() {
      kernelBtf();
    },
  };
}

/** Finds structs in BTF that is already indexed. */
export function btfFind(names: readonly string[]): Contender {
  kernelBtf();
  return btfOpenFind(names);
}

/** Does what {@link btfFind} does, but its first operation includes the indexing. */
export function btfOpenFind(names: readonly string[]): Contender {
  if (names.length === 0) throw new Error('btf-find needs names of structs');
  return {
    run(count) {
      const types = kernelBtf();
      for (let i = 0; i < count; i++) {
        const found = types.byName(names[i % names.length] ?? '', 'struct');
        if (found === undefined) throw new Error('a struct was not found');
      }
    },
  };
}
