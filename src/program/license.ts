/** The kernel reads this many bytes of a licence, and would silently ignore the rest. */
const LICENSE_LENGTH = 127;

/**
 * The licence as the kernel reads it, with a NUL at the end.
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
