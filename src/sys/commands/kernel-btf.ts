import { BpfError } from '../../errors/index.ts';
import type { Fd } from '../fd.ts';
import { objectIds } from './by-id.ts';
import { open } from './call.ts';
import { namedBtfInfo } from './object-info.ts';

/** The result; `undefined` if the kernel refuses: the BTF may be gone again, or this process may not have it. */
function ifGiven<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch (error) {
    if (BpfError.is(error) && error.syscall === 'bpf') return undefined;
    throw error;
  }
}

const openBtf = (id: number): Fd => open('btf_get_fd_by_id', { btf_id: id }, `BTF ${id}`, `open BTF ${id}`);

/**
 * The BTF of the kernel (`vmlinux`) and of its modules, from bpf(2). It is given only to callers with CAP_SYS_ADMIN in
 * the initial user namespace; others get nothing. `bytes` works until the next item is asked for. This is slower than
 * reading the files of /sys, and serves where those cannot be read. Linux >= 5.11
 */
export function* kernelBtfById(): Generator<{
  readonly name: string;
  readonly bytes: () => Uint8Array | undefined;
}> {
  const ids = ifGiven(() => [...objectIds('btf', 'list BTF')]) ?? [];
  for (const id of ids) {
    using fd = ifGiven(() => openBtf(id));
    if (fd === undefined) continue;
    const found = ifGiven(() => namedBtfInfo(fd));
    if (found === undefined || found.kernel_btf !== 1) continue;
    yield {
      name: found.text,
      bytes: () => {
        const bytes = new Uint8Array(found.btf_size);
        return ifGiven(() => namedBtfInfo(fd, bytes)) === undefined ? undefined : bytes;
      },
    };
  }
}
