import { didYouMean } from '../errors/index.ts';

/** What the kernel keeps of a program's name (BPF_OBJ_NAME_LEN less its NUL). */
const KERNEL_NAME_LENGTH = 15;

/**
 * The name as the kernel takes it: the first 15 characters. Function names in C are often longer, and
 * the kernel has the whole name from the program's BTF anyway.
 *
 * @throws TypeError for other characters than letters, digits, `_` and `.`
 */
export function kernelName(name: string): string {
  if (!/^[A-Za-z0-9_.]*$/.test(name)) {
    const allowed = name.replaceAll(/[^A-Za-z0-9_.]/g, '_');
    throw new TypeError(
      `Program name ${JSON.stringify(name)} has characters the kernel refuses: ` +
        `only letters, digits, "_" and "." are allowed${didYouMean(allowed, [allowed])}`,
    );
  }
  return name.slice(0, KERNEL_NAME_LENGTH);
}

/** What the kernel reads of a licence; the rest it would silently ignore. */
const LICENSE_LENGTH = 127;

/**
 * The licence as the kernel reads it, NUL at the end.
 *
 * @throws TypeError for NUL characters, RangeError for more than 127 bytes
 */
export function licenseBytes(license: string): Uint8Array {
  if (license.includes('\0')) throw new TypeError(`license: ${JSON.stringify(license)} has a NUL character`);
  const bytes = Buffer.from(`${license}\0`);
  if (bytes.length > LICENSE_LENGTH + 1) {
    throw new RangeError(`license: the kernel reads ${LICENSE_LENGTH} bytes, got ${bytes.length - 1}`);
  }
  return bytes;
}
