import { mapUpdateFlags } from '../../abi/index.ts';

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

/**
 * Returns the flags for a call on one entry.
 *
 * @param modes - whether the option `mode` is allowed
 * @throws TypeError for an unknown option or mode
 */
export function flagsOf(options: WriteOptions, modes: boolean): number {
  let flags = 0;
  for (const name in options) {
    const value: unknown = options[name as keyof WriteOptions];
    if (name === 'lock') flags |= value === true ? mapUpdateFlags.lock : 0;
    else if (name === 'mode' && modes && value === undefined) continue;
    else if (name === 'mode' && modes && Object.hasOwn(MODES, String(value)))
      flags |= MODES[String(value)] ?? 0;
    else if (name === 'mode' && modes)
      throw new TypeError(`mode must be any, noexist or exist, got ${String(value)}`);
    else
      throw new TypeError(
        `unknown option "${name}": ${modes ? 'the options are mode and lock' : 'the only option is lock'}`,
      );
  }
  return flags;
}
