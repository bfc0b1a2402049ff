import { getCapabilities } from '../../src/sys/index.ts';

/** Options for a test that creates maps: skipped, with the reason, where that is not allowed. */
export function needsMaps(): { skip: string | false } {
  const { effective } = getCapabilities();
  return { skip: effective === 0n ? 'creating maps needs capabilities' : false };
}
