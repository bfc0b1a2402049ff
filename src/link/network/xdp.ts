import { xdpFlags } from '../../abi/index.ts';
import { rejectUnknownOptions } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { createLink } from '../create.ts';
import type { Link } from '../link.ts';
import { checkType, tooOld } from '../problems.ts';
import { xdpLinks } from './find.ts';
import {
  atInterface,
  INTERFACE_GONE,
  type NetworkInterface,
  nameOfInterface,
  resolveInterface,
} from './interface.ts';

/** Without any of these the kernel chooses. */
const MODES = { generic: xdpFlags.skb_mode, driver: xdpFlags.drv_mode, hardware: xdpFlags.hw_mode } as const;

/** Where {@link attachXdp} attaches. */
export interface XdpOptions {
  /** The name, or the index in the network namespace of this process. */
  readonly interface: NetworkInterface;
  /**
   * Where the program runs: `driver` (also called native), `generic` (in the network stack; slower, works on every
   * interface) or `hardware`. Default: `driver` if the interface supports it, else `generic`.
   */
  readonly mode?: 'generic' | 'driver' | 'hardware' | undefined;
}

const SINCE = { feature: 'an XDP link', version: '5.9' } as const;

/** Says what is attached there. It may be a link, or a program without a link, attached by netlink. */
function whyBusy(program: Program, index: number, given: NetworkInterface): string {
  const links = xdpLinks(index);
  const own = links?.find(({ programId }) => programId === program.info().id);
  // The link may be to an interface of another network namespace.
  if (own !== undefined) {
    return `an XDP program is attached there, and this program is already attached to an interface with this index, by link ${own.id}: use or close that link`;
  }
  const detach = `detach it: ip link set dev ${nameOfInterface(given)} xdp off`;
  // Without a link that says so, it may be this program or another one.
  const busy = 'an XDP program is attached there';
  if (links?.length === 0) return `${busy} without a link (by "ip link" or bpftool): ${detach}`;
  const which =
    links === undefined
      ? ''
      : ` (link ${links.map(({ id }) => id).join(' or ')} is on an interface with this index)`;
  return `${busy}: close its link${which}, or update that link to this program; if it has none (by "ip link" or bpftool), ${detach}`;
}

function whyInvalid({ attachType }: Program, mode: XdpOptions['mode']): string | undefined {
  if (attachType !== undefined && attachType !== 'xdp')
    return `it was loaded for ${attachType}: load it for xdp`;
  if (mode === 'hardware') {
    return 'mode "hardware" needs a program that was loaded for this device (interfaceIndex): use mode "driver" or "generic"';
  }
  return tooOld(SINCE) ?? 'it was loaded for another place (xdp_devmap, xdp_cpumap), or for another device';
}

/**
 * Attaches an XDP program to a network interface. The program sees every packet that arrives, before the network stack.
 * An interface has one such program at a time; {@link Link.update} replaces it.
 *
 * The kernel checks the right, CAP_NET_ADMIN, when the program is loaded. Linux >= 5.9
 *
 * A link that is forgotten is closed by the garbage collector: see {@link Link.keep}.
 *
 * @throws BpfError `ENODEV`; `EBUSY`, `EEXIST` if there is a program already; `EOPNOTSUPP` if the driver cannot run it
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
    since: SINCE,
    explain: {
      EBUSY: () => whyBusy(program, index, options.interface),
      EEXIST:
        'an XDP program is attached there in another mode, or to the bond that the interface belongs to: detach that first',
      EINVAL: () => whyInvalid(program, mode),
      EOPNOTSUPP: `the driver of the interface cannot run XDP programs in mode "${mode ?? 'driver'}": use mode "generic"`,
      ENODEV: INTERFACE_GONE,
      ERANGE:
        'the MTU of the interface is too large for XDP: lower it, or load the program with xdp_has_frags',
    },
  };
  const flags = mode === undefined ? 0 : MODES[mode];
  return atInterface(options.interface, () => createLink(attempt, 'xdp', { target_ifindex: index, flags }));
}
