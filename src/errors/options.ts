import { didYouMean } from './near.ts';
import { wrongType } from './rules.ts';

/**
 * Rejects option objects with keys that nobody reads, so that a misspelled option is not silently lost.
 *
 * @throws TypeError for what is no object; naming the unknown key and the nearest known one
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
