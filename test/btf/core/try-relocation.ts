import type { CoreRelocation, CoreRelocator } from '../../../src/btf/index.ts';
import { FormatError, RelocationError } from '../../../src/errors/index.ts';

/**
 * Resolves a relocation, or gets its error. FormatError and RelocationError are valid answers. Any other error is a
 * bug.
 */
export function tryRelocation(relocator: CoreRelocator, relocation: CoreRelocation): void {
  try {
    const resolution = relocator.resolve(relocation);
    resolution.error();
    resolution.error('because');
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof RelocationError)) throw error;
  }
}
