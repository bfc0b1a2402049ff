import { didYouMean, wrongType } from '../errors/index.ts';

/** What the kernel keeps of the name of a map or program (BPF_OBJ_NAME_LEN less its NUL). */
const LENGTH = 15;
const FORBIDDEN = /[^A-Za-z0-9_.]/;
const ALL_FORBIDDEN = new RegExp(FORBIDDEN, 'g');

/** The name with `_` for what no name of the kernel may have: for names that come from an object file. */
export function plainName(name: string): string {
  return FORBIDDEN.test(name) ? name.replaceAll(ALL_FORBIDDEN, '_') : name;
}

/**
 * A name of a map or program as the kernel takes it: the first 15 characters. Names in C are often longer; the object
 * and its errors keep all of it, and the kernel has the rest from BTF.
 *
 * @param what - who takes it, such as `Program.load`
 * @throws TypeError for what is no text, and for other characters than letters, digits, `_` and `.`
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
