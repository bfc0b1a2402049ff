import type { CoreRelocation, CoreRelocator } from '../../../src/btf/index.ts';
import { FormatError, RelocationError } from '../../../src/errors/index.ts';

/** Resolves a relocation and makes its error; FormatError and RelocationError are answers, anything else is a bug. */
export function tryRelocation(relocator: CoreRelocator, relocation: CoreRelocation): void {
  try {
    const resolution = relocator.resolve(relocation);
    resolution.error();
    resolution.error('because');
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof RelocationError)) throw error;
  }
}
