import { rejectUnknownOptions } from '../errors/index.ts';
import type { Program } from '../program/index.ts';
import { createLink } from './create.ts';
import { INTERFACE_GONE, type NetworkInterface, resolveInterface } from './interface.ts';
import type { Link } from './link.ts';
import { checkType } from './problems.ts';

/** XDP_FLAGS_… of include/uapi/linux/if_link.h; 0 lets the kernel choose. */
const MODES = { generic: 2, driver: 4, hardware: 8 } as const;

/** Where {@link attachXdp} attaches. */
export interface XdpOptions {
  /** Name, or index in the network namespace of this process. */
  readonly interface: NetworkInterface;
  /**
   * `driver` (also called native), `generic` (in the network stack, slower, for any interface) or `hardware`.
   * Default: `driver` where the interface can, else `generic`.
   */
  readonly mode?: keyof typeof MODES | undefined;
}

/**
 * Attaches an XDP program to a network interface: it sees every packet that arrives, before the network stack.
 * One program at a time; {@link Link.update} exchanges it.
 *
 * The right, CAP_NET_ADMIN, is checked when the program is loaded. Linux ≥ 5.9
 *
 * @throws BpfError `ENODEV`; `EBUSY`, `EEXIST` when there is a program already; `EOPNOTSUPP` when the driver cannot
 * @throws TypeError, RangeError for wrong options, and for programs of another type
 */
export function attachXdp(program: Program, options: XdpOptions): Link {
  rejectUnknownOptions('attachXdp', options, ['interface', 'mode']);
  checkType('attachXdp', program, ['xdp'], options);
  const { mode } = options;
  if (mode !== undefined && !Object.hasOwn(MODES, mode)) {
    throw new TypeError(`attachXdp: mode must be driver, generic or hardware, got ${JSON.stringify(mode)}`);
  }
  const { index, text } = resolveInterface('attachXdp', options.interface);
  const attempt = {
    program,
    target: text,
    since: { feature: 'an XDP link', version: '5.9' },
    explain: {
      EBUSY: 'another XDP program is attached there: close its link, or update that link to this program',
      EEXIST: 'an XDP program is attached there in another mode: detach it first, or attach in its mode',
      EOPNOTSUPP: `the driver of the interface cannot run XDP programs in mode "${mode ?? 'driver'}": use mode "generic"`,
      ENODEV: INTERFACE_GONE,
      ERANGE:
        'the MTU of the interface is too large for XDP: lower it, or load the program with xdp_has_frags',
    },
  };
  return createLink(attempt, 'xdp', {
    target_ifindex: index,
    flags: mode === undefined ? 0 : MODES[mode],
  });
}
