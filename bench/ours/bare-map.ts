/**
 * The least that Node can do for the first map under a token. It loads the native part and makes the four system calls
 * of bench/peers/c/floor.c. It searches for nothing and checks nothing.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NativeBinding } from '../../src/sys/binding.ts';
import type { Contender } from './serve.ts';
import { SMALL_ENTRIES } from './shape.ts';

const MAP_CREATE = 0;
const TOKEN_CREATE = 36;
const TOKEN_FLAG = 1 << 16;
const O_DIRECTORY_CLOEXEC = process.arch === 'arm64' ? 0o2040000 : 0o2200000;

export function bareFirstMap(): Contender {
  const root = dirname(createRequire(import.meta.url).resolve('ebpf-ts/package.json'));
  const path = join(root, `dist/native/ebpf-ts.linux-${process.arch}.node`);
  return {
    run() {
      const loaded: { exports: unknown } = { exports: {} };
      process.dlopen(loaded, path);
      const { syscall, numbers, bpf } = loaded.exports as NativeBinding;
      const mount = syscall(numbers.openat, -100, '/sys/fs/bpf', O_DIRECTORY_CLOEXEC);
      const attr = new Uint32Array(20);
      attr[1] = mount;
      const token = bpf(TOKEN_CREATE, attr, 8);
      syscall(numbers.close, mount);
      attr.set([1, 4, 8, SMALL_ENTRIES, TOKEN_FLAG]);
      attr[19] = token;
      if (token < 0 || bpf(MAP_CREATE, attr, 80) < 0) throw new Error('the kernel refuses');
    },
  };
}
