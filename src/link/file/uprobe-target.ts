import { isGlob } from '../glob.ts';
import type { UprobeOptions } from './uprobe.ts';
import type { UprobeMultiOptions } from './uprobe-multi.ts';

/** A section's target, taken apart at its first colon, as libbpf does. */
interface Target {
  readonly path: string;
  readonly place: string;
}

function split(target: string, forms: string): Target {
  const colon = target.indexOf(':');
  const [path, place] = colon === -1 ? [target, ''] : [target.slice(0, colon), target.slice(colon + 1)];
  if (path !== '' && place !== '' && !target.includes('\0')) return { path, place };
  throw new TypeError(`the place of a uprobe is written ${forms}, not "${target}"`);
}

/** A number as C writes it: 16, 0x10 or 020. `undefined` for other texts, and beyond 2^53. */
function numberIn(text: string): number | undefined {
  if (!/^(0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*)$/i.test(text)) return undefined;
  const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/**
 * Reads what the sections `uprobe`, `uretprobe` and their sleepable forms say about the place: `PATH:FUNCTION`,
 * `PATH:FUNCTION+OFFSET` or `PATH:OFFSET`, with offsets as C writes them.
 *
 * @param target - what follows the kind and a `/`, such as `/bin/bash:readline`
 * @throws TypeError if it does not say where to attach to
 */
export function parseUprobeTarget(target: string): Pick<UprobeOptions, 'path' | 'function' | 'offset'> {
  const { path, place } = split(target, 'PATH:FUNCTION, PATH:FUNCTION+OFFSET or PATH:OFFSET');
  const fromStart = numberIn(place);
  if (fromStart !== undefined) return { path, offset: fromStart };
  const plus = place.lastIndexOf('+');
  if (plus === -1) return { path, function: place };
  const [name, text] = [place.slice(0, plus), place.slice(plus + 1)];
  const offset = numberIn(text);
  if (name === '' || offset === undefined) {
    throw new TypeError(
      `a place inside a function is written FUNCTION+OFFSET, such as main+16 or main+0x10, not "${place}"`,
    );
  }
  return { path, function: name, offset };
}

/**
 * Reads what the sections `uprobe.multi`, `uretprobe.multi`, `uprobe.session` and their sleepable forms say about the
 * places: `PATH:FUNCTION`, or `PATH:PATTERN` with `*` and `?`. A number is an offset in the file.
 *
 * @param target - what follows the kind and a `/`, such as `libc.so.6:malloc*`
 * @throws TypeError if it does not say where to attach to
 */
export function parseUprobeMultiTarget(
  target: string,
): Pick<UprobeMultiOptions, 'path' | 'places' | 'pattern'> {
  const { path, place } = split(target, 'PATH:FUNCTION or PATH:PATTERN');
  return isGlob(place) ? { path, pattern: place } : { path, places: [numberIn(place) ?? place] };
}
