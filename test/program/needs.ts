import { getCapabilities } from '../../src/sys/index.ts';

/** Options for a test that loads programs. Where that is not allowed, the test is skipped with the reason. */
export function needsLoading(): { skip: string | false } {
  const { effective } = getCapabilities();
  return { skip: effective === 0n ? 'loading programs needs capabilities' : false };
}
