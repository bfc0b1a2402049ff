import { decodeBtfInfo, encodeInfoRequest, INFO_SIZES } from '../abi/index.ts';
import { addressOf, bpf } from './bpf.ts';
import { Fd } from './fd.ts';

/** The kernel's module names are shorter (MODULE_NAME_LEN). */
const NAME_SIZE = 64;

function about(fd: Fd, bytes: Uint8Array): { name: string; size: number; kernel: boolean } | undefined {
  const name = new Uint8Array(NAME_SIZE);
  const view = new DataView(new ArrayBuffer(INFO_SIZES.btf));
  const room = bytes.length === 0 ? {} : { btf: bytes, btf_size: bytes.length };
  const info = new Uint8Array(view.buffer);
  const length = encodeInfoRequest('btf', { name, name_len: NAME_SIZE, ...room }, view, addressOf);
  const attr = { bpf_fd: fd.value, info_len: length, info };
  if (bpf('obj_get_info_by_fd', attr) < 0) return undefined;
  const found = decodeBtfInfo(view, attr.info_len);
  const text = Buffer.from(name.subarray(0, name.indexOf(0))).toString('latin1');
  return { name: text, size: found.btf_size, kernel: found.kernel_btf === 1 };
}

/**
 * The BTF of the kernel (`vmlinux`) and of its modules, as bpf(2) gives it to callers with CAP_SYS_ADMIN in the initial
 * user namespace; nothing to others. `bytes` works until the next one is asked for. Slower than the files of /sys, and for where those are not to be had. Linux >= 5.11
 */
export function* kernelBtfById(): Generator<{
  readonly name: string;
  readonly bytes: () => Uint8Array | undefined;
}> {
  for (let id = 0; ; ) {
    const attr = { start_id: id, next_id: 0 };
    if (bpf('btf_get_next_id', attr) < 0) return;
    id = attr.next_id;
    const result = bpf('btf_get_fd_by_id', { btf_id: id });
    // It may be gone again.
    if (result === -2) continue;
    if (result < 0) return;
    using fd = Fd.adopt(result, `BTF ${id}`);
    const found = about(fd, new Uint8Array());
    if (found === undefined || !found.kernel) continue;
    const { name, size } = found;
    yield {
      name,
      bytes: () => {
        const bytes = new Uint8Array(size);
        return about(fd, bytes) === undefined ? undefined : bytes;
      },
    };
  }
}
