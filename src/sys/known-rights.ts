import type { Capability } from '../abi/index.ts';
import { BpfError } from '../errors/index.ts';
import { capabilityMask, getCapabilities } from './capabilities.ts';
import { inInitialUserNamespace } from './namespace.ts';

/** Whether this process is in the initial user namespace; `undefined` if /proc does not say. */
export function knownInitialNamespace(): boolean | undefined {
  try {
    return inInitialUserNamespace();
  } catch (error) {
    if (BpfError.is(error)) return undefined;
    throw error;
  }
}

/** Whether this thread has one of these capabilities; `undefined` if that cannot be read. */
export function hasCapability(...names: readonly Capability[]): boolean | undefined {
  try {
    return (getCapabilities().effective & capabilityMask(names)) !== 0n;
  } catch (error) {
    if (BpfError.is(error)) return undefined;
    throw error;
  }
}
