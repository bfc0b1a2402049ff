import {
  type Capability,
  capabilityMask,
  getCapabilities,
  kernelBtf,
  setCapabilities,
} from '../../src/sys/index.ts';
import { needsRoot } from '../needs.ts';

export { needsRoot };

/** Like {@link needsRoot}, for tests that also need the kernel's BTF. */
export function needsRootAndBtf(): { skip: string | false } {
  try {
    kernelBtf();
    return needsRoot();
  } catch (error) {
    return { skip: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs `body` with only these effective capabilities. */
export function withOnly<T>(names: readonly Capability[], body: () => T): T {
  const before = getCapabilities();
  setCapabilities({ ...before, effective: capabilityMask(names) & before.permitted });
  try {
    return body();
  } finally {
    setCapabilities(before);
  }
}
