import type { AttachType, LinkType, NumberText } from '../abi/index.ts';

/** The type of the links that programs of these attach types get. All others are `tracing` or `cgroup`. */
const TYPES: { readonly [type in AttachType]?: LinkType } = {
  xdp: 'xdp',
  perf_event: 'perf_event',
  netfilter: 'netfilter',
  struct_ops: 'struct_ops',
  trace_raw_tp: 'raw_tracepoint',
  trace_iter: 'iter',
  tcx_ingress: 'tcx',
  tcx_egress: 'tcx',
  netkit_primary: 'netkit',
  netkit_peer: 'netkit',
  sk_lookup: 'netns',
  flow_dissector: 'netns',
  sk_msg_verdict: 'sockmap',
  sk_skb_verdict: 'sockmap',
  sk_skb_stream_parser: 'sockmap',
  sk_skb_stream_verdict: 'sockmap',
  trace_kprobe_multi: 'kprobe_multi',
  trace_kprobe_session: 'kprobe_multi',
  trace_uprobe_multi: 'uprobe_multi',
  trace_uprobe_session: 'uprobe_multi',
  trace_fentry_multi: 'tracing_multi',
  trace_fexit_multi: 'tracing_multi',
  trace_fsession_multi: 'tracing_multi',
};

/**
 * The type of link that BPF_LINK_CREATE makes for an attach type (`bpf_link_init` in the Linux source). Knowing it
 * saves a system call for each link.
 */
export function linkTypeOf(attachType: AttachType | NumberText): LinkType {
  const type = TYPES[attachType as AttachType];
  if (type !== undefined) return type;
  return attachType.startsWith('cgroup_') || attachType === 'lsm_cgroup' ? 'cgroup' : 'tracing';
}
