import { type Capability, capabilities } from '../abi/index.ts';
import { readKernelFile } from './kernel-file.ts';
import { syscall } from './syscall.ts';

/** The capability sets of a thread, as bit masks: bit n stands for capability number n. */
export interface CapabilitySets {
  readonly effective: bigint;
  readonly permitted: bigint;
  readonly inheritable: bigint;
  readonly bounding: bigint;
  readonly ambient: bigint;
}

/** The mask of some capabilities. */
export function capabilityMask(names: Iterable<Capability>): bigint {
  let mask = 0n;
  for (const name of names) mask |= 1n << BigInt(capabilities.number(name));
  return mask;
}

/** The capabilities of a mask; bits newer than the library appear as `cap_<number>`. */
export function capabilitiesOf(mask: bigint): string[] {
  const names: string[] = [];
  for (let bit = 0; mask >> BigInt(bit) !== 0n; bit++) {
    if ((mask >> BigInt(bit)) & 1n) names.push(capabilities.name(bit) ?? `cap_${bit}`);
  }
  return names;
}

/** The capability sets of the main thread, or of another process. @throws BpfError without /proc */
export function readCapabilities(pid: number | 'self' = 'self'): CapabilitySets {
  const status = readKernelFile('read all sets of capabilities', `/proc/${pid}/status`).toString('latin1');
  const set = (key: string): bigint =>
    BigInt(`0x${new RegExp(`^${key}:\\s*([0-9a-f]+)`, 'm').exec(status)?.[1] ?? '0'}`);
  return {
    effective: set('CapEff'),
    permitted: set('CapPrm'),
    inheritable: set('CapInh'),
    bounding: set('CapBnd'),
    ambient: set('CapAmb'),
  };
}

const VERSION_3 = 0x20080522; // _LINUX_CAPABILITY_VERSION_3

function header(): Uint32Array {
  return Uint32Array.of(VERSION_3, 0);
}

/** The sets of the calling thread, by capget(2): cheaper than {@link readCapabilities}, but lacks two of the sets. */
export function getCapabilities(): Pick<CapabilitySets, 'effective' | 'permitted' | 'inheritable'> {
  const data = new Uint32Array(6);
  syscall('read the capabilities of this thread', 'capget', header(), data);
  const join = (index: number): bigint => BigInt(data[index] ?? 0) | (BigInt(data[index + 3] ?? 0) << 32n);
  return { effective: join(0), permitted: join(1), inheritable: join(2) };
}

/**
 * Sets the capability sets of the calling thread; other threads of the process keep theirs.
 *
 * @throws BpfError `EPERM` for capabilities beyond the permitted set
 */
export function setCapabilities(sets: Pick<CapabilitySets, 'effective' | 'permitted' | 'inheritable'>): void {
  const data = new Uint32Array(6);
  for (const [index, mask] of [sets.effective, sets.permitted, sets.inheritable].entries()) {
    data[index] = Number(mask & 0xffffffffn);
    data[index + 3] = Number(mask >> 32n);
  }
  syscall('set the capabilities of this thread', 'capset', header(), data);
}
