import { allFunctionsMatching } from '../../elf/functions.ts';
import { BpfError, nearNames } from '../../errors/index.ts';
import { globMatcher } from '../glob.ts';
import { whyNoFunction } from './elf-function.ts';
import { withElfSymbols } from './elf-symbols.ts';
import type { Executable } from './executable/index.ts';

/** ` (did you mean "step_one"?)` for `stpe_*`: compares the fixed part with the part of each name in its place. */
function nearPattern(pattern: string, names: readonly string[]): string {
  const fixed = pattern.replace(/[*?]/g, '');
  const parts = new Map<string, string>();
  for (const name of names) {
    const part = pattern.startsWith('*') ? name.slice(-fixed.length) : name.slice(0, fixed.length);
    if (!parts.has(part)) parts.set(part, name);
  }
  const near = nearNames(fixed, parts.keys()).map((part) => `"${parts.get(part)}"`);
  return near.length === 0 ? '' : ` (did you mean ${near.join(' or ')}?)`;
}

/**
 * Finds where all functions start whose names match a pattern: exported ones and others, of any version, each place
 * once. Indirect functions are left out, because their symbols lead to code that chooses a function. So are the parts
 * that compilers moved out of functions (`NAME.cold`), because they are not functions.
 *
 * @throws BpfError `ERR_BPF_NO_SYMBOL` if no function matches; the file system's codes; FormatError
 */
export function matchingOffsets({ path, shown }: Executable, pattern: string): number[] {
  const matches = globMatcher(pattern);
  return withElfSymbols(
    path,
    ({ all }) => {
      const found = allFunctionsMatching(all, (name) => matches(name) && !/\.cold(\.|$)/.test(name));
      const offsets = found.flatMap(({ offset, indirect }) =>
        offset === undefined || indirect ? [] : [offset],
      );
      if (offsets.length > 0) return offsets;
      const only =
        found.length > 0
          ? ': the only ones are chosen when a program starts, or have no code in the file'
          : '';
      const hint = only || whyNoFunction(all, pattern, nearPattern);
      throw new BpfError(`Cannot find a function that matches "${pattern}" in ${shown}${hint}`, {
        code: 'ERR_BPF_NO_SYMBOL',
      });
    },
    shown,
  );
}
