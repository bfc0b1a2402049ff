// `require` in TypeScript's own syntax. Since 5.8 it can name an ES module.
import ebpf = require('ebpf-ts');
import asm = require('ebpf-ts/asm');

const map = ebpf.BpfMap.create({ type: 'hash', key: ebpf.u32, value: ebpf.u64, maxEntries: 1 });
const value: bigint | undefined = map.get(1);
// @ts-expect-error: values of u64 are bigints
map.set(1, 1);
ebpf.Program.loadSync({ type: 'socket_filter', instructions: [asm.mov(asm.r0, 0), asm.exit()] });
value?.toString();
