import { ERRNO } from '../errors/index.ts';
import { interfaceIndex, interfaceName, systemError } from '../sys/index.ts';

/** A network interface: by its name, or by its index in the network namespace of this process. */
export type NetworkInterface = string | number;

/** @throws BpfError `ENODEV` when there is no such interface; TypeError, RangeError for what cannot be one */
export function resolveInterface(what: string, given: NetworkInterface): { index: number; text: string } {
  if (typeof given === 'string') {
    return { index: interfaceIndex(given), text: `network interface ${given}` };
  }
  if (typeof given !== 'number') throw new TypeError(`${what}: interface must be a name or an index`);
  if (!Number.isInteger(given) || given < 1 || given > 0x7fff_ffff) {
    throw new RangeError(`${what}: interface index must be a positive integer, got ${given}`);
  }
  const name = interfaceName(given);
  if (name === undefined)
    throw systemError(`find a network interface with index ${given}`, 'ioctl', ERRNO.ENODEV);
  return { index: given, text: `network interface ${name}` };
}

/** For the kinds that attach to network interfaces. */
export const INTERFACE_GONE: string =
  'there is no such interface in the network namespace of this process: see "ip link"';
