import { getCapabilities } from '../../src/sys/index.ts';

/** Options for a test that loads object files: skipped, with the reason, where that is not allowed. */
export function needsLoading(): { skip: string | false } {
  const { effective } = getCapabilities();
  return { skip: effective === 0n ? 'loading object files needs capabilities' : false };
}
