import { checkChoice, rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { checkType, programText, tooOld } from '../problems.ts';
import { atInterface, INTERFACE_GONE, type NetworkInterface, resolveInterface } from './interface.ts';
import { ORDER_OPTIONS, ORDER_PROBLEMS, type OrderOptions, orderAttr } from './relative.ts';

/** Where {@link attachNetkit} attaches. */
export interface NetkitOptions extends OrderOptions {
  /** The primary device of the pair: its name, or its index in the network namespace of this process. */
  readonly interface: NetworkInterface;
  /** The device whose packets the program sees when they are sent. Default: the one that the program was loaded for. */
  readonly direction?: 'primary' | 'peer' | undefined;
}

const SINCE = { feature: 'a netkit link', version: '6.7' } as const;

function directionOf(program: Program, given: NetkitOptions['direction']): 'primary' | 'peer' {
  if (given !== undefined) {
    checkChoice('attachNetkit: direction', given, ['primary', 'peer']);
    return given;
  }
  if (program.attachType === 'netkit_primary') return 'primary';
  if (program.attachType === 'netkit_peer') return 'peer';
  throw new TypeError(
    `attachNetkit: ${programText(program)} was not loaded for netkit_primary or netkit_peer: give direction`,
  );
}

/**
 * Attaches a `sched_cls` program to a pair of netkit devices. Both programs of a pair are attached through the primary
 * device, which lies in the host: `primary` is for what it sends, `peer` for what the other one sends, such as the
 * container that has it. Each of them can have up to 64 programs, in an order. {@link Link.info} names the device whose
 * packets the program sees.
 *
 * The kernel checks the right, CAP_NET_ADMIN, when the program is loaded, so attaching works under a BPF token. A link
 * that is forgotten is closed by the garbage collector, see {@link Link.keep}. Linux >= 6.7
 *
 * @throws BpfError `ENODEV`; `EACCES` if the interface is the peer of a pair; `EINVAL` if it is no netkit device, or the
 *   kernel has none; `EEXIST` if this program is already attached there; `ENOENT`, `ESTALE` for the order; `ERANGE` if
 *   there are 64 programs already
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachNetkit(program: Program, options: NetkitOptions): Link {
  rejectUnknownOptions('attachNetkit', options, ['interface', 'direction', ...ORDER_OPTIONS]);
  checkType('attachNetkit', program, ['sched_cls'], options);
  const direction = directionOf(program, options.direction);
  const { index, text } = resolveInterface('attachNetkit', options.interface);
  const { flags, relative } = orderAttr('attachNetkit', options);
  const attempt = {
    program,
    target: `${direction} of ${text}`,
    since: SINCE,
    explain: {
      ...ORDER_PROBLEMS,
      ENODEV: INTERFACE_GONE,
      ENXIO: 'the interface is not a netkit device',
      EACCES: 'the interface is the peer of a pair: give the primary device',
      EINVAL: () =>
        tooOld(SINCE) ??
        'the interface is not a netkit device, or the kernel was built without CONFIG_NETKIT',
      ERANGE: '64 programs are attached there already, and no more are possible',
    },
  };
  return atInterface(options.interface, () =>
    createLink(attempt, `netkit_${direction}`, { target_ifindex: index, flags, netkit: relative }),
  );
}
