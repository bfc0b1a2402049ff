import { getCapabilities } from '../../src/sys/index.ts';

/** Options for a test that loads programs: skipped, with the reason, where that is not allowed. */
export function needsLoading(): { skip: string | false } {
  const { effective } = getCapabilities();
  return { skip: effective === 0n ? 'loading programs needs capabilities' : false };
}
