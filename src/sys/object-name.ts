import { didYouMean, wrongType } from '../errors/index.ts';

/** How much of the name of a map or program the kernel keeps (BPF_OBJ_NAME_LEN without its NUL). */
const LENGTH = 15;
const FORBIDDEN = /[^A-Za-z0-9_.]/;
const ALL_FORBIDDEN = new RegExp(FORBIDDEN, 'g');

/** The name with `_` in place of characters that the kernel refuses. For names that come from an object file. */
export function plainName(name: string): string {
  return FORBIDDEN.test(name) ? name.replaceAll(ALL_FORBIDDEN, '_') : name;
}

/**
 * A name of a map or program as the kernel takes it: the first 15 characters. Names in C are often longer. The object
 * and its errors keep the whole name, and the kernel has the rest from BTF.
 *
 * @param what - the function that takes it, such as `Program.load`
 * @throws TypeError if it is not a string, or has other characters than letters, digits, `_` and `.`
 */
export function kernelName(what: string, name: string): string {
  if (typeof name !== 'string') throw wrongType(`${what}: name`, 'a string', name);
  const allowed = plainName(name);
  if (allowed !== name) {
    throw new TypeError(
      `${what}: name ${JSON.stringify(name)} has characters the kernel refuses: ` +
        `only letters, digits, "_" and "." are allowed${didYouMean(allowed, [allowed])}`,
    );
  }
  return name.slice(0, LENGTH);
}
