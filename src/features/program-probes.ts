import {
  type AttachType,
  attachTypes,
  type ProgLoadAttr,
  type ProgramType,
  progLoadFlags,
  programTypes,
} from '../abi/index.ts';

/** How to find out about one program type. */
export interface ProgramProbe {
  /** The attach type to load with, if the kernel demands one. */
  readonly attachType?: AttachType;
  readonly flags?: number;
  /** Whether each program of the type is loaded for one kernel function, struct or program. */
  readonly needsTarget?: boolean;
  /**
   * Functions that together prove the type if BTF has them. They are parts of the verifier that only this type has,
   * and are compiled under the conditions of the kernel's include/linux/bpf_types.h.
   */
  readonly functions: readonly string[];
}

/** Compiled only with CONFIG_CGROUP_BPF, while the verifier's part for some cgroup types is always compiled. */
const CGROUP = 'cgroup_dev_is_valid_access';

const probes: { readonly [type in Exclude<ProgramType, 'unspec'>]: ProgramProbe } = {
  socket_filter: { functions: ['sk_filter_is_valid_access'] },
  kprobe: { functions: ['kprobe_prog_is_valid_access'] },
  sched_cls: { functions: ['tc_cls_act_is_valid_access'] },
  sched_act: { functions: ['tc_cls_act_is_valid_access'] },
  tracepoint: { functions: ['tp_prog_is_valid_access'] },
  xdp: { functions: ['xdp_is_valid_access'] },
  perf_event: { functions: ['pe_prog_is_valid_access'] },
  cgroup_skb: { functions: ['cg_skb_is_valid_access', CGROUP] },
  cgroup_sock: { functions: ['sock_filter_is_valid_access', CGROUP] },
  lwt_in: { functions: ['lwt_in_func_proto'] },
  lwt_out: { functions: ['lwt_out_func_proto'] },
  lwt_xmit: { functions: ['lwt_xmit_func_proto'] },
  sock_ops: { functions: ['sock_ops_is_valid_access'] },
  sk_skb: { functions: ['sk_skb_is_valid_access'] },
  cgroup_device: { functions: [CGROUP] },
  sk_msg: { functions: ['sk_msg_is_valid_access'] },
  raw_tracepoint: { functions: ['raw_tp_prog_is_valid_access'] },
  cgroup_sock_addr: {
    attachType: 'cgroup_inet4_connect',
    functions: ['sock_addr_is_valid_access', CGROUP],
  },
  lwt_seg6local: { functions: ['lwt_seg6local_func_proto'] },
  lirc_mode2: { functions: ['lirc_mode2_is_valid_access'] },
  sk_reuseport: { functions: ['sk_reuseport_is_valid_access'] },
  flow_dissector: { functions: ['flow_dissector_is_valid_access'] },
  cgroup_sysctl: { functions: ['sysctl_is_valid_access'] },
  raw_tracepoint_writable: { functions: ['raw_tp_writable_prog_is_valid_access'] },
  cgroup_sockopt: { attachType: 'cgroup_getsockopt', functions: ['cg_sockopt_is_valid_access'] },
  tracing: { attachType: 'trace_fentry', needsTarget: true, functions: ['tracing_prog_is_valid_access'] },
  // These and freplace programs are compiled under the same condition as struct_ops maps: CONFIG_BPF_JIT.
  struct_ops: { needsTarget: true, functions: ['bpf_struct_ops_map_alloc'] },
  ext: { needsTarget: true, functions: ['bpf_struct_ops_map_alloc'] },
  lsm: { attachType: 'lsm_mac', needsTarget: true, functions: ['bpf_lsm_func_proto'] },
  sk_lookup: { attachType: 'sk_lookup', functions: ['sk_lookup_is_valid_access'] },
  syscall: { flags: progLoadFlags.sleepable, functions: ['syscall_prog_is_valid_access'] },
  netfilter: { attachType: 'netfilter', functions: ['nf_is_valid_access'] },
};

export const programProbes: { readonly [type in ProgramType]: ProgramProbe } = {
  unspec: { functions: ['(never)'] },
  ...probes,
};

/** The attributes that a program of this type needs to reach the verifier, except for a target. */
export function programAttr(type: ProgramType, attachType?: AttachType): ProgLoadAttr {
  const { attachType: usual, flags } = programProbes[type];
  const attach = attachType ?? usual;
  return {
    prog_type: programTypes.number(type),
    ...(attach === undefined ? {} : { expected_attach_type: attachTypes.number(attach) }),
    ...(flags === undefined ? {} : { prog_flags: flags }),
  };
}
