import { type Capability, capabilityMask, getCapabilities, setCapabilities } from '../../src/sys/index.ts';

/** Runs `body` without these effective capabilities, and then restores them. */
export function withoutCapabilities(names: readonly Capability[], body: () => void): void {
  const before = getCapabilities();
  setCapabilities({ ...before, effective: before.effective & ~capabilityMask(names) });
  try {
    body();
  } finally {
    setCapabilities(before);
  }
}
