import { checkArray, checkFunction } from '../errors/index.ts';
import {
  type Capability,
  capabilityMask,
  getCapabilities,
  parseCapability,
  setCapabilities,
} from '../sys/index.ts';

/**
 * Runs a function with only these effective capabilities, and restores the others when it returns, throws,
 * or the promise it returned settles.
 *
 * Capabilities belong to threads: what this thread does is limited, what other threads do for it is not,
 * such as asynchronous file access and `Program.load`. Until a promise has settled, everything else on
 * this thread is limited too.
 *
 * @param capabilities - in capabilities(7)'s words, `net_admin`; those the thread may not have are an error
 * @throws TypeError for an unknown name
 * @throws BpfError `EPERM` when the thread is not permitted one of them
 */
export function withCapabilities<T>(capabilities: readonly Capability[], fn: () => T): T {
  checkArray('withCapabilities: capabilities', capabilities);
  checkFunction('withCapabilities: fn', fn);
  const before = getCapabilities();
  setCapabilities({ ...before, effective: capabilityMask(capabilities.map(parseCapability)) });
  const restore = (): void => setCapabilities(before);
  let result: T;
  try {
    result = fn();
  } catch (error) {
    restore();
    throw error;
  }
  if (!(result instanceof Promise)) {
    restore();
    return result;
  }
  return result.finally(restore) as T;
}
