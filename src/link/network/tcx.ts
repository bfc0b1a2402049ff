import { rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { checkType } from '../problems.ts';
import { atInterface, INTERFACE_GONE, type NetworkInterface, resolveInterface } from './interface.ts';
import { ORDER_OPTIONS, ORDER_PROBLEMS, type OrderOptions, orderAttr } from './relative.ts';

/** Where {@link attachTcx} attaches. */
export interface TcxOptions extends OrderOptions {
  /** The name, or the index in the network namespace of this process. */
  readonly interface: NetworkInterface;
  /** The packets: those that arrive, or those that are sent. */
  readonly direction: 'ingress' | 'egress';
}

/**
 * Attaches a `sched_cls` program to the traffic of a network interface. Each direction of an interface can have up to
 * 64 programs, in an order. {@link Link.update} replaces this program by another one.
 *
 * The kernel checks the right, CAP_NET_ADMIN, when the program is loaded. Linux >= 6.6
 *
 * A link that is forgotten is closed by the garbage collector: see {@link Link.keep}.
 *
 * @throws BpfError `ENODEV`; `EEXIST` if this program is already attached there; `ENOENT`, `ESTALE` for the order;
 *   `ERANGE` if there are 64 programs already
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachTcx(program: Program, options: TcxOptions): Link {
  rejectUnknownOptions('attachTcx', options, ['interface', 'direction', ...ORDER_OPTIONS]);
  checkType('attachTcx', program, ['sched_cls'], options);
  const { direction } = options;
  if (direction !== 'ingress' && direction !== 'egress') {
    throw new TypeError(`attachTcx: direction must be ingress or egress, got ${JSON.stringify(direction)}`);
  }
  const { index, text } = resolveInterface('attachTcx', options.interface);
  const { flags, relative } = orderAttr('attachTcx', options);
  const attempt = {
    program,
    target: `${direction} of ${text}`,
    since: { feature: 'a TCX link', version: '6.6' },
    explain: {
      ...ORDER_PROBLEMS,
      ENODEV: INTERFACE_GONE,
      ERANGE: '64 programs are attached there already, and no more are possible',
    },
  };
  return atInterface(options.interface, () =>
    createLink(attempt, `tcx_${direction}`, { target_ifindex: index, flags, tcx: relative }),
  );
}
