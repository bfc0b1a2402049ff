import { getCapabilities } from '../../src/sys/index.ts';

/** Options for a test that creates maps. Where that is not allowed, the test is skipped with the reason. */
export function needsMaps(): { skip: string | false } {
  const { effective } = getCapabilities();
  return { skip: effective === 0n ? 'creating maps needs capabilities' : false };
}
