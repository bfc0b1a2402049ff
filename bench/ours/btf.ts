import { kernelBtf } from '../../src/sys/index.ts';
import type { Contender } from './serve.ts';

export function btfIndex(): Contender {
  return {
    run() {
      kernelBtf();
    },
  };
}

export function btfFind(names: readonly string[]): Contender {
  if (names.length === 0) throw new Error('btf-find needs names of structs');
  const types = kernelBtf();
  return {
    run(count) {
      for (let i = 0; i < count; i++) {
        const found = types.byName(names[i % names.length] ?? '', 'struct');
        if (found === undefined || found.size === 0) throw new Error('a struct was not found');
      }
    },
  };
}
