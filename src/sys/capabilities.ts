import { type Capability, checkString, didYouMean } from '../errors/index.ts';
import { readKernelFile } from './kernel-file.ts';
import { syscall } from './syscall.ts';

/** Capability names in the order of their numbers (include/uapi/linux/capability.h). */
export const capabilityNames: readonly Capability[] = [
  'chown',
  'dac_override',
  'dac_read_search',
  'fowner',
  'fsetid',
  'kill',
  'setgid',
  'setuid',
  'setpcap',
  'linux_immutable',
  'net_bind_service',
  'net_broadcast',
  'net_admin',
  'net_raw',
  'ipc_lock',
  'ipc_owner',
  'sys_module',
  'sys_rawio',
  'sys_chroot',
  'sys_ptrace',
  'sys_pacct',
  'sys_admin',
  'sys_boot',
  'sys_nice',
  'sys_resource',
  'sys_time',
  'sys_tty_config',
  'mknod',
  'lease',
  'audit_write',
  'audit_control',
  'setfcap',
  'mac_override',
  'mac_admin',
  'syslog',
  'wake_alarm',
  'block_suspend',
  'audit_read',
  'perfmon',
  'bpf',
  'checkpoint_restore',
];

export type { Capability } from '../errors/index.ts';

/** The capability sets of a thread as bit masks: bit n stands for `capabilityNames[n]`. */
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
  for (const name of names) mask |= 1n << BigInt(capabilityNames.indexOf(name));
  return mask;
}

/** The capabilities of a mask; bits newer than the library appear as `cap_<number>`. */
export function capabilitiesOf(mask: bigint): string[] {
  const names: string[] = [];
  for (let bit = 0; mask >> BigInt(bit) !== 0n; bit++) {
    if ((mask >> BigInt(bit)) & 1n) names.push(capabilityNames[bit] ?? `cap_${bit}`);
  }
  return names;
}

/**
 * Reads a capability's name in any case, with or without `CAP_`.
 *
 * @throws TypeError for an unknown name, with the nearest known ones
 */
export function parseCapability(text: string): Capability {
  checkString('capability', text);
  const plain = text.trim().toLowerCase().replace(/^cap_/, '');
  const found = capabilityNames.find((name) => name === plain);
  if (found === undefined) {
    throw new TypeError(`unknown capability "${text}"${didYouMean(plain, capabilityNames)}`);
  }
  return found;
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

/** The sets of the calling thread by capget(2): cheaper than {@link readCapabilities}, without two of the sets. */
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
