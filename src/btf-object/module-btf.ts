import { BpfError, TokenError } from '../errors/index.ts';
import { bpf, systemError } from '../sys/index.ts';
import { Btf, type BtfOpenOptions } from './btf.ts';

const ENOENT = 2;

/**
 * Opens the BTF of a kernel module by the module's name: what programs refer to its functions and variables by. Needs
 * CAP_SYS_ADMIN in the initial user namespace.
 *
 * @throws BpfError `ENOENT` when the module is not loaded or has no BTF, `EPERM`
 */
export function openModuleBtf(module: string, options: BtfOpenOptions = {}): Btf {
  for (let id = 0; ; ) {
    const attr = { start_id: id, next_id: 0 };
    const result = bpf('btf_get_next_id', attr);
    if (result < 0) throw systemError(`find the BTF of module ${module}`, 'bpf', -result, 'btf_get_next_id');
    id = attr.next_id;
    const btf = openIfThere(id, options);
    if (btf === undefined) continue;
    const { kernel, name } = btf.info();
    if (kernel && name === module) return btf;
    btf.close();
  }
}

/** BTF can go between being listed and being opened. */
function openIfThere(id: number, options: BtfOpenOptions): Btf | undefined {
  try {
    return Btf.fromId(id, options);
  } catch (error) {
    // Not the ENOENT of a token that cannot be had.
    if (BpfError.is(error) && error.errno === ENOENT && !(error instanceof TokenError)) return undefined;
    throw error;
  }
}
