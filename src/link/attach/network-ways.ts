import { BpfError } from '../../errors/index.ts';
import type { Program } from '../../program/index.ts';
import { kernelHas } from '../kernel-types.ts';
import type { Link } from '../link.ts';
import { attachLirc } from '../network/lirc.ts';
import { attachNetfilter } from '../network/netfilter.ts';
import { attachNetkit } from '../network/netkit.ts';
import { attachFlowDissector, attachSkLookup } from '../network/netns.ts';
import { ORDER_OPTIONS } from '../network/relative.ts';
import { attachReuseport } from '../network/reuseport.ts';
import { attachSocketFilter } from '../network/socket-filter.ts';
import { attachSockmap } from '../network/sockmap.ts';
import { attachTc } from '../network/tc.ts';
import { attachTcx } from '../network/tcx.ts';
import { attachXdp } from '../network/xdp.ts';
import { by, type Given, type NoWay, needs, reason, type Way } from './way.ts';

const INTERFACE: Way['place'] = { from: 'interface', to: 'interface' };
const NAMESPACE: Way['place'] = { from: 'netns', to: 'namespace' };

const xdp: Way = { attach: by(attachXdp), place: INTERFACE, missing: needs('interface') };

/** Classic filters are for those who ask for a place among them, and for kernels before 6.6, which have no TCX. */
function attachTcxOrTc(program: Program, options: Given): Link {
  if (options.priority !== undefined || options.handle !== undefined) return by(attachTc)(program, options);
  try {
    return by(attachTcx)(program, options);
  } catch (error) {
    const ordered = ORDER_OPTIONS.some((name) => options[name] !== undefined);
    if (!BpfError.is(error) || error.code !== 'EINVAL' || ordered) throw error;
    if (kernelHas('struct', 'tcx_link') !== false) throw error;
    return by(attachTc)(program, options);
  }
}

const tc: Way = {
  attach: attachTcxOrTc,
  place: INTERFACE,
  said: ({ attachType }) => {
    if (attachType !== 'tcx_ingress' && attachType !== 'tcx_egress') return {};
    return { direction: attachType === 'tcx_ingress' ? 'ingress' : 'egress' };
  },
  missing: needs('interface', 'direction'),
};
const netfilter: Way = { attach: by(attachNetfilter), missing: needs('family', 'hook', 'priority') };
const skLookup: Way = { attach: by(attachSkLookup), place: NAMESPACE, onlyIfNamed: true };
const flowDissector: Way = { attach: by(attachFlowDissector), place: NAMESPACE, onlyIfNamed: true };
const netkit: Way = { attach: by(attachNetkit), place: INTERFACE, missing: needs('interface') };
const socketFilter: Way = { attach: by(attachSocketFilter), missing: needs('socket') };
const reuseport: Way = { attach: by(attachReuseport), missing: needs('socket') };
const sockmap: Way = {
  attach: by(attachSockmap),
  missing: (options, { type, attachType }) =>
    type === 'sk_skb' && attachType === undefined
      ? needs('map', 'attachType')(options)
      : needs('map')(options),
};
const lirc: Way = { attach: by(attachLirc), missing: needs('device') };

function xdpWay({ attachType }: Program): Way | NoWay {
  if (attachType !== 'xdp_devmap' && attachType !== 'xdp_cpumap') return xdp;
  return reason(`it runs for the entries of a ${attachType.slice(4)} that name it, and is not attached`);
}

const LIGHTWEIGHT_TUNNEL: NoWay = reason(
  'it belongs to a route: pin it, then "ip route add ... encap bpf ... pinned PATH"',
);

/** How programs that see packets and sockets are attached, by their types. */
export const NETWORK: { readonly [type: string]: (program: Program) => Way | NoWay } = {
  xdp: xdpWay,
  sched_cls: ({ attachType }) =>
    attachType === 'netkit_primary' || attachType === 'netkit_peer' ? netkit : tc,
  sched_act: () =>
    reason('it is an action of a tc filter: pin it, then "tc filter add ... action bpf object-pinned PATH"'),
  netfilter: () => netfilter,
  sk_lookup: () => skLookup,
  flow_dissector: () => flowDissector,
  socket_filter: () => socketFilter,
  sk_reuseport: () => reuseport,
  sk_skb: () => sockmap,
  sk_msg: () => sockmap,
  lirc_mode2: () => lirc,
  lwt_in: () => LIGHTWEIGHT_TUNNEL,
  lwt_out: () => LIGHTWEIGHT_TUNNEL,
  lwt_xmit: () => LIGHTWEIGHT_TUNNEL,
  lwt_seg6local: () => LIGHTWEIGHT_TUNNEL,
};
