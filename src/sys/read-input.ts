import type { Stats } from 'node:fs';
import { BpfError, seen, unreadable } from '../errors/index.ts';

const { closeSync, fstatSync, openSync, readSync } = process.getBuiltinModule('node:fs');
const { fileURLToPath } = process.getBuiltinModule('node:url');

/** A file that the user named. It may be a device or a pipe, and may never end. */
export interface Input {
  /** For messages, such as `object file count.o`. */
  readonly what: string;
  /** What it may begin with. If it begins with anything else, only the beginning is read, for the parser to refuse. */
  readonly magics: readonly (readonly number[])[];
  /** How many bytes are read at most. */
  readonly most: number;
}

/** The first bytes of ELF files. */
export const ELF_START: readonly number[] = [0x7f, 0x45, 0x4c, 0x46];
/** The first bytes of BTF in either byte order. */
export const BTF_STARTS: readonly (readonly number[])[] = [
  [0x9f, 0xeb],
  [0xeb, 0x9f],
];

/** How many bytes are read at first if the length is unknown. */
const FIRST = 1 << 16;

function tooLong({ what, most }: Input): BpfError {
  return new BpfError(`Cannot read ${what}: EFBIG: it is longer than ${most} bytes`, { code: 'EFBIG' });
}

function isKnown(bytes: Uint8Array, { magics }: Input): boolean {
  return magics.some((magic) => magic.every((byte, at) => bytes[at] === byte));
}

/** Yields buffers for the next bytes of the file, is given the number of bytes that came, and returns all bytes. */
function* collect(stats: Stats, input: Input): Generator<Uint8Array, Uint8Array, number> {
  // Files in /proc and /sys have no size, or a wrong one.
  const size = stats.isFile() ? stats.size : 0;
  if (size > input.most) throw tooLong(input);
  let bytes: Uint8Array = Buffer.allocUnsafeSlow(size > 0 ? size + 1 : FIRST);
  let length = 0;
  // Small files on a disk are read whole.
  let known = size > 0 && size < FIRST;
  for (;;) {
    const end = known ? bytes.length : Math.min(bytes.length, FIRST);
    const got = yield bytes.subarray(length, end);
    length += got;
    if (got === 0 || length === size) return bytes.subarray(0, length);
    if (!known && length >= 4) {
      if (!isKnown(bytes, input)) return bytes.subarray(0, length);
      known = true;
    }
    if (length > input.most) throw tooLong(input);
    if (length === bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.min(length * 2, input.most + 1));
      larger.set(bytes);
      bytes = larger;
    }
  }
}

/** @throws TypeError for what cannot name a file, which Node would report without naming the file */
function checkSource(path: string | URL, { what }: Input): void {
  if (path instanceof URL) {
    if (path.protocol !== 'file:') {
      throw new TypeError(`Cannot read ${what}: only file: URLs can be read, not ${path.protocol}`);
    }
    try {
      fileURLToPath(path);
    } catch (cause) {
      throw new TypeError(`Cannot read ${what}: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      });
    }
  } else if (path === '' || path.includes('\0')) {
    throw new TypeError(
      `Cannot read ${what}: a path has characters, and no NUL among them, got ${seen(path)}`,
    );
  }
}

const asBpfError = ({ what }: Input, error: unknown): unknown =>
  BpfError.is(error) ? error : unreadable(what, error);

/**
 * Reads a file, a pipe or a device: all of it if it begins as it should, otherwise only its beginning.
 *
 * @throws BpfError with Node's code if it cannot be read, `EFBIG` if it is too long
 * @throws TypeError for an empty path, and for URLs other than file: URLs
 */
export async function readInput(path: string | URL, input: Input): Promise<Uint8Array> {
  checkSource(path, input);
  try {
    const file = await process.getBuiltinModule('node:fs/promises').open(path);
    try {
      const parts = collect(await file.stat(), input);
      let part = parts.next();
      while (!part.done) part = parts.next((await file.read(part.value, 0, part.value.length)).bytesRead);
      return part.value;
    } finally {
      await file.close();
    }
  } catch (error) {
    throw asBpfError(input, error);
  }
}

/** {@link readInput}, while the caller waits. */
export function readInputSync(path: string | URL, input: Input): Uint8Array {
  checkSource(path, input);
  try {
    const fd = openSync(path, 'r');
    try {
      const parts = collect(fstatSync(fd), input);
      let part = parts.next();
      while (!part.done) part = parts.next(readSync(fd, part.value));
      return part.value;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw asBpfError(input, error);
  }
}
