import { allFunctionsMatching } from '../elf/functions.ts';
import { BpfError } from '../errors/index.ts';
import { whyNoFunction } from './elf-function.ts';
import { withElfSymbols } from './elf-symbols.ts';
import type { Executable } from './executable/index.ts';
import { globMatcher } from './glob.ts';

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
      const hint = only || whyNoFunction(all, pattern.replace(/[*?]/g, ''));
      throw new BpfError(`Cannot find a function that matches "${pattern}" in ${shown}${hint}`, {
        code: 'ERR_BPF_NO_SYMBOL',
      });
    },
    shown,
  );
}
