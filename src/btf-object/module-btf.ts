import { BpfError, bareError, ERRNO, TokenError } from '../errors/index.ts';
import { objectIds } from '../sys/index.ts';
import { Btf, type BtfOpenOptions } from './btf.ts';

/**
 * Opens the BTF of a kernel module by the module's name. Programs need it to refer to the module's functions and
 * variables. Needs CAP_SYS_ADMIN in the initial user namespace.
 *
 * @throws BpfError `ENOENT` if the module is not loaded or has no BTF, `EPERM`
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

/** Opens BTF; `undefined` if it is gone since it was listed. */
function openIfThere(id: number, options: BtfOpenOptions): Btf | undefined {
  try {
    return Btf.fromId(id, options);
  } catch (error) {
    // A TokenError with ENOENT is about the token, not about the BTF.
    if (BpfError.is(error) && error.errno === ERRNO.ENOENT && !(error instanceof TokenError))
      return undefined;
    throw error;
  }
}
