import { didYouMean } from './near.ts';
import { wrongType } from './rules.ts';

/**
 * Rejects options of a call that has none. Anything but an object is ignored, as JavaScript does with arguments that a
 * function does not take: `ids.map(Program.fromId)` passes an index too.
 *
 * @throws TypeError that names the option
 */
export function rejectOptions(what: string, options: unknown): void {
  if (typeof options === 'object' && options !== null) rejectUnknownOptions(what, options, []);
}

/**
 * Rejects option objects with unknown keys, so that a misspelled option is not silently ignored.
 *
 * @throws TypeError if it is not an object, or has an unknown key; the error names that key and the nearest known ones
 */
export function rejectUnknownOptions(what: string, options: object, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongType(`${what}: options`, 'an object', options);
  }
  for (const key of Object.keys(options)) {
    if (!known.includes(key)) {
      throw new TypeError(`${what}: unknown option "${key}"${didYouMean(key, known)}`);
    }
  }
}
