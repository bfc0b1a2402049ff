import { ERRNO, wrongType } from '../../errors/index.ts';
import { interfaceIndex, interfaceName, systemError } from '../../sys/index.ts';

/** A network interface: its name, or its index in the network namespace of this process. */
export type NetworkInterface = string | number;

/**
 * Finds a network interface. An index is taken as it is: {@link atInterface} looks whether it exists if the kernel
 * refuses.
 *
 * @throws BpfError `ENODEV` if there is no interface with this name
 * @throws TypeError, RangeError if the value cannot be a name or index
 */
export function resolveInterface(what: string, given: NetworkInterface): { index: number; text: string } {
  if (typeof given === 'string') {
    return { index: interfaceIndex(given), text: `network interface ${given}` };
  }
  if (typeof given !== 'number') throw wrongType(`${what}: interface`, 'a name or an index', given);
  if (!Number.isInteger(given) || given < 1 || given > 0x7fff_ffff) {
    throw new RangeError(`${what}: interface index must be a positive integer, got ${given}`);
  }
  return { index: given, text: `network interface ${given}` };
}

/**
 * Attaches to an interface that was given by name or index.
 *
 * @throws what `attach` throws; BpfError `ENODEV` if there is no interface with this index
 */
export function atInterface<T>(given: NetworkInterface, attach: () => T): T {
  try {
    return attach();
  } catch (error) {
    // Not every kind of attaching has an errno for that.
    if (typeof given === 'string' || interfaceName(given) !== undefined) throw error;
    throw systemError(`find a network interface with index ${given}`, 'ioctl', ERRNO.ENODEV);
  }
}

/** How commands call an interface. */
export function nameOfInterface(given: NetworkInterface): string {
  return typeof given === 'string' ? given : (interfaceName(given) ?? `${given}`);
}

/** What ENODEV means for everything that attaches to a network interface. */
export const INTERFACE_GONE: string =
  'there is no such interface in the network namespace of this process: see "ip link"';
