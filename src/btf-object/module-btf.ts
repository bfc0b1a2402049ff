import { BpfError, bareError, ERRNO, TokenError } from '../errors/index.ts';
import { objectIds } from '../sys/index.ts';
import { Btf, type BtfOpenOptions } from './btf.ts';

/**
 * Opens the BTF of a kernel module by the module's name: what programs refer to its functions and variables by. Needs
 * CAP_SYS_ADMIN in the initial user namespace.
 *
 * @throws BpfError `ENOENT` when the module is not loaded or has no BTF, `EPERM`
 */
export function openModuleBtf(module: string, options: BtfOpenOptions = {}): Btf {
  const action = `find the BTF of module ${module}`;
  for (const id of objectIds('btf', action)) {
    const btf = openIfThere(id, options);
    if (btf === undefined) continue;
    const { kernel, name } = btf.info();
    if (kernel && name === module) return btf;
    btf.close();
  }
  throw bareError(action, { errno: ERRNO.ENOENT, syscall: 'bpf', command: 'btf_get_next_id' });
}

/** BTF can go between being listed and being opened. */
function openIfThere(id: number, options: BtfOpenOptions): Btf | undefined {
  try {
    return Btf.fromId(id, options);
  } catch (error) {
    // Not the ENOENT of a token that cannot be had.
    if (BpfError.is(error) && error.errno === ERRNO.ENOENT && !(error instanceof TokenError))
      return undefined;
    throw error;
  }
}
