import { mapUpdateFlags } from '../../abi/index.ts';
import { checkBoolean, checkChoice, rejectUnknownOptions } from '../../errors/index.ts';

/** How an entry is read. */
export interface ReadOptions {
  /** Hold the lock in the value (`struct bpf_spin_lock`) during the access, so that no half-written value is read. */
  readonly lock?: boolean | undefined;
}

/** How an entry is written. */
export interface WriteOptions extends ReadOptions {
  /** `noexist` only inserts. `exist` only replaces. Default: `any`, which does both. */
  readonly mode?: 'any' | 'noexist' | 'exist' | undefined;
}

/** The kernel's update modes, by name. */
const MODES: Readonly<Record<string, number>> = Object.freeze({
  any: mapUpdateFlags.any,
  noexist: mapUpdateFlags.noexist,
  exist: mapUpdateFlags.exist,
});

/** Finds what is wrong with the options. @throws TypeError */
function checkWith(what: string, options: WriteOptions, modes: boolean): void {
  rejectUnknownOptions(what, options, modes ? ['mode', 'lock'] : ['lock']);
  const { lock, mode } = options;
  if (lock !== undefined) checkBoolean(`${what}: lock`, lock);
  if (modes && mode !== undefined) checkChoice(`${what}: mode`, mode, Object.keys(MODES));
}

/**
 * Returns the flags for a call on one entry. Makes no text and no array unless something is wrong.
 *
 * @param what - names the call: `map.get`
 * @param modes - whether the option `mode` is allowed
 * @throws TypeError for an unknown option, and for wrong values
 */
export function flagsOf(what: string, options: WriteOptions, modes: boolean): number {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    checkWith(what, options, modes);
  }
  let flags = 0;
  for (const name in options) {
    const value: unknown = options[name as keyof WriteOptions];
    if (name === 'lock' && value === true) flags |= mapUpdateFlags.lock;
    else if (name === 'lock' && (value === false || value === undefined)) continue;
    else if (name === 'mode' && modes && value === undefined) continue;
    else if (name === 'mode' && modes && typeof value === 'string' && Object.hasOwn(MODES, value))
      flags |= MODES[value] ?? 0;
    else checkWith(what, options, modes);
  }
  return flags;
}
