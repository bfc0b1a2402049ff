import type { AttachType, ProgramType } from '../abi/index.ts';

/**
 * How the kernel can be asked about an attach type:
 *
 * - `load`: loading a program checks it
 * - `query`: PROG_QUERY for a target that does not exist fails with another error than for an unknown attach type
 * - `link`: making a link to a wrong target checks it, while loading a program does not
 * - `btf`: only the kernel's BTF can show it
 */
export type AttachMethod = 'load' | 'query' | 'link' | 'btf';

/** How to find out about one attach type. */
export interface AttachProbe {
  /** The type of the programs that are attached this way. */
  readonly program: ProgramType;
  readonly method: AttachMethod;
  /** Functions that, together with those of the program type, prove the attach type if BTF has them all. */
  readonly functions?: readonly string[];
}

const load = (program: ProgramType): AttachProbe => ({ program, method: 'load' });
const query = (program: ProgramType, ...functions: string[]): AttachProbe => ({
  program,
  method: 'query',
  functions,
});
const link = (program: ProgramType, ...functions: string[]): AttachProbe => ({
  program,
  method: 'link',
  functions,
});
const btf = (program: ProgramType, ...functions: string[]): AttachProbe => ({
  program,
  method: 'btf',
  functions,
});

/** A trampoline calls a program before, after or instead of a kernel function. */
const trampoline = btf('tracing', 'bpf_trampoline_link_prog');
const trampolines = btf('tracing', 'bpf_tracing_multi_attach');
const kprobes = link('kprobe', 'bpf_kprobe_multi_link_release');
const uprobes = link('kprobe', 'bpf_uprobe_multi_link_release');
const sockets = btf('sk_skb', 'sock_map_prog_update');
const address = load('cgroup_sock_addr');

export const attachProbes: { readonly [type in AttachType]: AttachProbe } = {
  cgroup_inet_ingress: load('cgroup_skb'),
  cgroup_inet_egress: load('cgroup_skb'),
  cgroup_inet_sock_create: load('cgroup_sock'),
  cgroup_sock_ops: query('sock_ops', 'cgroup_dev_is_valid_access'),
  sk_skb_stream_parser: btf('sk_skb', 'sock_map_prog_update', 'sk_psock_init_strp'),
  sk_skb_stream_verdict: sockets,
  cgroup_device: query('cgroup_device'),
  sk_msg_verdict: btf('sk_msg', 'sock_map_prog_update'),
  cgroup_inet4_bind: address,
  cgroup_inet6_bind: address,
  cgroup_inet4_connect: address,
  cgroup_inet6_connect: address,
  cgroup_inet4_post_bind: load('cgroup_sock'),
  cgroup_inet6_post_bind: load('cgroup_sock'),
  cgroup_udp4_sendmsg: address,
  cgroup_udp6_sendmsg: address,
  lirc_mode2: query('lirc_mode2'),
  flow_dissector: query('flow_dissector', 'netns_bpf_prog_attach'),
  cgroup_sysctl: query('cgroup_sysctl'),
  cgroup_udp4_recvmsg: address,
  cgroup_udp6_recvmsg: address,
  cgroup_getsockopt: load('cgroup_sockopt'),
  cgroup_setsockopt: load('cgroup_sockopt'),
  trace_raw_tp: btf('tracing'),
  trace_fentry: trampoline,
  trace_fexit: trampoline,
  modify_return: trampoline,
  lsm_mac: btf('lsm', 'bpf_trampoline_link_prog'),
  trace_iter: btf('tracing', 'bpf_iter_link_attach'),
  cgroup_inet4_getpeername: address,
  cgroup_inet6_getpeername: address,
  cgroup_inet4_getsockname: address,
  cgroup_inet6_getsockname: address,
  xdp_devmap: btf('xdp', 'dev_map_alloc'),
  cgroup_inet_sock_release: load('cgroup_sock'),
  xdp_cpumap: btf('xdp', 'cpu_map_alloc'),
  sk_lookup: load('sk_lookup'),
  xdp: btf('xdp', 'bpf_xdp_link_attach'),
  sk_skb_verdict: sockets,
  sk_reuseport_select: load('sk_reuseport'),
  sk_reuseport_select_or_migrate: load('sk_reuseport'),
  perf_event: link('perf_event', 'bpf_perf_link_release'),
  trace_kprobe_multi: kprobes,
  lsm_cgroup: query('lsm', 'bpf_cgroup_atype_get'),
  struct_ops: btf('struct_ops', 'bpf_struct_ops_link_create'),
  netfilter: load('netfilter'),
  tcx_ingress: query('sched_cls', 'tcx_prog_attach'),
  tcx_egress: query('sched_cls', 'tcx_prog_attach'),
  trace_uprobe_multi: uprobes,
  cgroup_unix_connect: address,
  cgroup_unix_sendmsg: address,
  cgroup_unix_recvmsg: address,
  cgroup_unix_getpeername: address,
  cgroup_unix_getsockname: address,
  netkit_primary: query('sched_cls', 'netkit_prog_attach'),
  netkit_peer: query('sched_cls', 'netkit_prog_attach'),
  trace_kprobe_session: kprobes,
  trace_uprobe_session: uprobes,
  trace_fsession: trampoline,
  trace_fentry_multi: trampolines,
  trace_fexit_multi: trampolines,
  trace_fsession_multi: trampolines,
};
