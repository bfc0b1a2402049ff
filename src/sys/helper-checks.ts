import type { HelperRequest } from './helper-request.ts';

const { inspect } = process.getBuiltinModule('node:util');

/** MAX_MOUNTS and MAX_OPTIONS of native/ns/ns.h. */
export const MOST_MOUNTS = 16;
const MOST_OPTIONS = 16;
const MOST_PROCESSES = 2 ** 31 - 1;
/** 2^32-1 means "no id" to the kernel. */
const MOST_IDS = 2 ** 32 - 2;
const CAPABILITIES = 64n;

function checkNumber(what: string, value: unknown, least: number, most: number): void {
  if (value === undefined) return;
  if (typeof value !== 'number') throw new TypeError(`${what} must be a number, got ${inspect(value)}`);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${what} must be an integer from ${least} to ${most}, got ${value}`);
  }
}

/** A NUL would end a word of the command line. */
function checkText(what: string, value: unknown): void {
  if (value === undefined) return;
  if (typeof value !== 'string' || value.includes('\0')) {
    throw new TypeError(`${what} must be a string without NUL, got ${inspect(value)}`);
  }
}

function checkCount(what: string, count: number, most: number): void {
  if (count > most) throw new RangeError(`${what} must be at most ${most}, got ${count}`);
}

/**
 * Checks, before the helper is started, that it would accept everything that is asked of it.
 *
 * @throws TypeError, RangeError with the value seen
 */
export function checkHelperRequest(request: HelperRequest): void {
  checkNumber('uid', request.uid, 0, MOST_IDS);
  checkNumber('gid', request.gid, 0, MOST_IDS);
  checkNumber('enter', request.enter, 1, MOST_PROCESSES);
  for (const key of ['uidMap', 'gidMap', 'argv0'] as const) checkText(key, request[key]);
  const { keep = 0n } = request;
  if (keep < 0n || keep >> CAPABILITIES !== 0n) {
    throw new RangeError(`keep must be a mask of ${CAPABILITIES} bits, got ${keep}`);
  }
  checkCount('the number of mounts', request.mounts.length, MOST_MOUNTS);
  for (const { path, options } of request.mounts) {
    checkText('the path of a mount', path ?? null);
    const entries = Object.entries(options);
    checkCount(`the number of options of the mount at ${path}`, entries.length, MOST_OPTIONS);
    for (const [key, value] of entries) {
      checkText('a mount option', key);
      checkText(`the mount option ${key}`, value);
    }
  }
}
