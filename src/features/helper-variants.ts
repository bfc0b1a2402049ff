import {
  type AttachType,
  attachTypes,
  type ProgLoadAttr,
  type ProgramType,
  progLoadFlags,
  programTypes,
} from '../abi/index.ts';
import type { Evidence } from './evidence.ts';
import { programAttr, programProbes } from './program-probes.ts';

/** A kernel function or tracepoint that exists in every kernel that has this kind of program. */
interface Target {
  readonly attachType: AttachType;
  readonly kind: 'func' | 'typedef';
  readonly name: string;
  readonly flags?: number;
}

const { sleepable } = progLoadFlags;

const targets: { readonly [type in ProgramType]?: readonly Target[] } = {
  tracing: [
    { attachType: 'trace_raw_tp', kind: 'typedef', name: 'btf_trace_sched_switch' },
    { attachType: 'trace_iter', kind: 'func', name: 'bpf_iter_bpf_map', flags: sleepable },
    { attachType: 'trace_fexit', kind: 'func', name: 'bpf_fentry_test1' },
    { attachType: 'trace_fentry', kind: 'func', name: 'bpf_fentry_test1' },
  ],
  lsm: [
    { attachType: 'lsm_mac', kind: 'func', name: 'bpf_lsm_file_open', flags: sleepable },
    { attachType: 'lsm_mac', kind: 'func', name: 'bpf_lsm_socket_post_create' },
    { attachType: 'lsm_cgroup', kind: 'func', name: 'bpf_lsm_socket_post_create' },
  ],
};

/** For types where the helpers depend on the attach type: attach types that together have all helpers. */
const attachTypesOf: { readonly [type in ProgramType]?: readonly AttachType[] } = {
  cgroup_sock: ['cgroup_inet_sock_create', 'cgroup_inet4_post_bind'],
  cgroup_sock_addr: ['cgroup_inet4_connect', 'cgroup_inet4_bind', 'cgroup_udp4_recvmsg'],
  cgroup_sockopt: ['cgroup_getsockopt', 'cgroup_setsockopt'],
};

/**
 * Ways to load a program of a type. Together they may call every helper that the type may call. Undefined if there is
 * no general way: what struct_ops programs may call depends on the struct, and what freplace programs may call depends
 * on the program that they replace. Programs that need a kernel function cannot be loaded without BTF.
 */
export function helperVariants(
  type: ProgramType,
  evidence: Evidence | undefined,
): readonly ProgLoadAttr[] | undefined {
  if (!programProbes[type].needsTarget) {
    const attachTypes = attachTypesOf[type];
    if (attachTypes !== undefined) return attachTypes.map((attachType) => programAttr(type, attachType));
    const plain = programAttr(type);
    // Sleepable since Linux 6.0, for uprobes.
    return type === 'kprobe' ? [plain, { ...plain, prog_flags: sleepable }] : [plain];
  }
  const found = (targets[type] ?? []).flatMap(({ attachType, kind, name, flags }) => {
    const target = evidence?.types.byName(name, kind);
    if (target === undefined) return [];
    return {
      prog_type: programTypes.number(type),
      expected_attach_type: attachTypes.number(attachType),
      attach_btf_id: target.id,
      ...(flags === undefined ? {} : { prog_flags: flags }),
    };
  });
  return found.length === 0 ? undefined : found;
}
