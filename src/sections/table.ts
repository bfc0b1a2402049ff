import type { AttachType, ProgramType } from '../abi/index.ts';

/** What may follow the kind in a section name. */
export type SectionTail =
  /** Nothing may follow. */
  | 'none'
  /** A `/` and the attach target may follow. If not, the target is given at load or when the program is attached. */
  | 'target';

/** What a kind of section name says about the programs in it. */
export interface SectionKind {
  /** Without the `?` before it and the target after it. */
  readonly name: string;
  readonly type: ProgramType;
  /** What is sent to the kernel at load; 0 if there is none. */
  readonly attachType?: AttachType;
  readonly tail: SectionTail;
  /** Whether the program may sleep (BPF_F_SLEEPABLE). */
  readonly sleepable?: boolean;
  /** Whether it takes packets in several fragments (BPF_F_XDP_HAS_FRAGS). */
  readonly fragments?: boolean;
  /** What the target is in kernel BTF; `program` if it is a function of another program. */
  readonly target?: 'function' | 'tracepoint' | 'lsm_hook' | 'iterator' | 'program';
}

function kind(name: string, type: ProgramType, attachType?: AttachType): SectionKind {
  return attachType === undefined ? { name, type, tail: 'none' } : { name, type, attachType, tail: 'none' };
}

function open(name: string, type: ProgramType, attachType?: AttachType): SectionKind {
  return { ...kind(name, type, attachType), tail: 'target' };
}

/** The kind and its sleepable form, `name.s`. */
function sleepable(of: SectionKind): SectionKind[] {
  return [of, { ...of, name: `${of.name}.s`, sleepable: true }];
}

const CGROUP_ADDRESS = [
  ['bind', 'inet', ['4', '6']],
  ['connect', 'inet', ['4', '6', '_unix']],
  ['sendmsg', 'udp', ['4', '6', '_unix']],
  ['recvmsg', 'udp', ['4', '6', '_unix']],
  ['getpeername', 'inet', ['4', '6', '_unix']],
  ['getsockname', 'inet', ['4', '6', '_unix']],
] as const;

function cgroupAddressKinds(): SectionKind[] {
  return CGROUP_ADDRESS.flatMap(([call, protocol, families]) =>
    families.map((family) => {
      const attachType = family === '_unix' ? `cgroup_unix_${call}` : `cgroup_${protocol}${family}_${call}`;
      return kind(`cgroup/${call}${family}`, 'cgroup_sock_addr', attachType as AttachType);
    }),
  );
}

function xdpKinds(): SectionKind[] {
  return (['', 'devmap', 'cpumap'] as const).flatMap((place) => {
    const attachType: AttachType = place === '' ? 'xdp' : `xdp_${place}`;
    const suffix = place === '' ? '' : `/${place}`;
    return [
      kind(`xdp${suffix}`, 'xdp', attachType),
      { ...kind(`xdp.frags${suffix}`, 'xdp', attachType), fragments: true },
    ];
  });
}

const makeKinds = (): readonly SectionKind[] => [
  kind('socket', 'socket_filter'),
  kind('sk_reuseport/migrate', 'sk_reuseport', 'sk_reuseport_select_or_migrate'),
  kind('sk_reuseport', 'sk_reuseport', 'sk_reuseport_select'),
  ...['kprobe', 'kretprobe', 'ksyscall', 'kretsyscall'].map((name) => open(name, 'kprobe')),
  ...['uprobe', 'uretprobe', 'usdt'].flatMap((name) => sleepable(open(name, 'kprobe'))),
  ...['kprobe.multi', 'kretprobe.multi'].map((name) => open(name, 'kprobe', 'trace_kprobe_multi')),
  open('kprobe.session', 'kprobe', 'trace_kprobe_session'),
  ...['uprobe.multi', 'uretprobe.multi'].flatMap((name) =>
    sleepable(open(name, 'kprobe', 'trace_uprobe_multi')),
  ),
  ...sleepable(open('uprobe.session', 'kprobe', 'trace_uprobe_session')),
  ...['tc', 'tcx'].flatMap((name) => [
    kind(`${name}/ingress`, 'sched_cls', 'tcx_ingress'),
    kind(`${name}/egress`, 'sched_cls', 'tcx_egress'),
  ]),
  kind('tc', 'sched_cls'),
  kind('classifier', 'sched_cls'),
  kind('action', 'sched_act'),
  kind('netkit/primary', 'sched_cls', 'netkit_primary'),
  kind('netkit/peer', 'sched_cls', 'netkit_peer'),
  ...['tracepoint', 'tp'].flatMap((name) => sleepable(open(name, 'tracepoint'))),
  ...['raw_tracepoint', 'raw_tp'].flatMap((name) => [
    ...sleepable(open(name, 'raw_tracepoint')),
    open(`${name}.w`, 'raw_tracepoint_writable'),
  ]),
  ...sleepable({ ...open('tp_btf', 'tracing', 'trace_raw_tp'), target: 'tracepoint' }),
  ...sleepable({ ...open('fentry', 'tracing', 'trace_fentry'), target: 'function' }),
  ...sleepable({ ...open('fexit', 'tracing', 'trace_fexit'), target: 'function' }),
  ...sleepable({ ...open('fmod_ret', 'tracing', 'modify_return'), target: 'function' }),
  ...sleepable({ ...open('fsession', 'tracing', 'trace_fsession'), target: 'function' }),
  // The functions that these trace are given when they are attached.
  ...sleepable(open('fentry.multi', 'tracing', 'trace_fentry_multi')),
  ...sleepable(open('fexit.multi', 'tracing', 'trace_fexit_multi')),
  ...sleepable(open('fsession.multi', 'tracing', 'trace_fsession_multi')),
  { ...open('freplace', 'ext'), target: 'program' },
  ...sleepable({ ...open('lsm', 'lsm', 'lsm_mac'), target: 'lsm_hook' }),
  { ...open('lsm_cgroup', 'lsm', 'lsm_cgroup'), target: 'lsm_hook' },
  ...sleepable({ ...open('iter', 'tracing', 'trace_iter'), target: 'iterator' }),
  { ...kind('syscall', 'syscall'), sleepable: true },
  ...xdpKinds(),
  kind('perf_event', 'perf_event'),
  kind('lwt_in', 'lwt_in'),
  kind('lwt_out', 'lwt_out'),
  kind('lwt_xmit', 'lwt_xmit'),
  kind('lwt_seg6local', 'lwt_seg6local'),
  kind('sockops', 'sock_ops', 'cgroup_sock_ops'),
  kind('sk_skb/stream_parser', 'sk_skb', 'sk_skb_stream_parser'),
  kind('sk_skb/stream_verdict', 'sk_skb', 'sk_skb_stream_verdict'),
  kind('sk_skb/verdict', 'sk_skb', 'sk_skb_verdict'),
  kind('sk_skb', 'sk_skb'),
  kind('sk_msg', 'sk_msg', 'sk_msg_verdict'),
  kind('lirc_mode2', 'lirc_mode2', 'lirc_mode2'),
  kind('flow_dissector', 'flow_dissector', 'flow_dissector'),
  kind('cgroup_skb/ingress', 'cgroup_skb', 'cgroup_inet_ingress'),
  kind('cgroup_skb/egress', 'cgroup_skb', 'cgroup_inet_egress'),
  kind('cgroup/skb', 'cgroup_skb'),
  kind('cgroup/sock_create', 'cgroup_sock', 'cgroup_inet_sock_create'),
  kind('cgroup/sock_release', 'cgroup_sock', 'cgroup_inet_sock_release'),
  kind('cgroup/sock', 'cgroup_sock', 'cgroup_inet_sock_create'),
  kind('cgroup/post_bind4', 'cgroup_sock', 'cgroup_inet4_post_bind'),
  kind('cgroup/post_bind6', 'cgroup_sock', 'cgroup_inet6_post_bind'),
  ...cgroupAddressKinds(),
  kind('cgroup/sysctl', 'cgroup_sysctl', 'cgroup_sysctl'),
  kind('cgroup/getsockopt', 'cgroup_sockopt', 'cgroup_getsockopt'),
  kind('cgroup/setsockopt', 'cgroup_sockopt', 'cgroup_setsockopt'),
  kind('cgroup/dev', 'cgroup_device', 'cgroup_device'),
  ...sleepable(open('struct_ops', 'struct_ops')),
  kind('sk_lookup', 'sk_lookup', 'sk_lookup'),
  kind('netfilter', 'netfilter', 'netfilter'),
];

let kinds: readonly SectionKind[] | undefined;

/**
 * The section names that say the type of a program, as libbpf documents them
 * (Linux kernel Documentation/bpf/libbpf/program_types.rst).
 * Made on the first call: not everyone who imports the package reads an object file.
 */
export function sectionKinds(): readonly SectionKind[] {
  kinds ??= makeKinds();
  return kinds;
}
