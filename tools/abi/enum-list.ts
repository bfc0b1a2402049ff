/** An enum that becomes a table of names, and how to find it in the kernel's BTF. */
export interface EnumEntry {
  /** The exported constant, and the type of its names. */
  readonly constant: string;
  readonly type: string;
  /** What the names stand for. */
  readonly what: string;
  /** The enum's name. For an anonymous enum: one of its members. */
  readonly find: string;
  readonly prefix: string;
  /** The generated file it goes to. */
  readonly file: string;
}

const table = (
  constant: string,
  type: string,
  what: string,
  find: string,
  prefix: string,
  file = 'enums',
): EnumEntry => ({ constant, type, what, find, prefix, file });

/** The enums of include/uapi/linux/bpf.h whose members exclude each other, and those of netfilter links. */
export const ENUMS: readonly EnumEntry[] = [
  table('commands', 'Command', 'bpf command', 'bpf_cmd', 'BPF_', 'commands'),
  table('mapTypes', 'MapType', 'map type', 'bpf_map_type', 'BPF_MAP_TYPE_', 'map-types'),
  table('programTypes', 'ProgramType', 'program type', 'bpf_prog_type', 'BPF_PROG_TYPE_', 'program-types'),
  table('attachTypes', 'AttachType', 'attach type', 'bpf_attach_type', 'BPF_', 'attach-types'),
  table('helpers', 'Helper', 'helper', 'bpf_func_id', 'BPF_FUNC_', 'helpers'),
  table('linkTypes', 'LinkType', 'link type', 'bpf_link_type', 'BPF_LINK_TYPE_', 'link-types'),
  table('statsTypes', 'StatsType', 'statistics type', 'bpf_stats_type', 'BPF_STATS_'),
  table('perfEventTypes', 'PerfEventType', 'perf event link type', 'bpf_perf_event_type', 'BPF_PERF_EVENT_'),
  table('taskFdTypes', 'TaskFdType', 'task descriptor type', 'bpf_task_fd_type', 'BPF_FD_TYPE_'),
  table(
    'cgroupIterOrders',
    'CgroupIterOrder',
    'cgroup walk order',
    'bpf_cgroup_iter_order',
    'BPF_CGROUP_ITER_',
  ),
  table(
    'stackBuildIdStatuses',
    'StackBuildIdStatus',
    'build id status',
    'bpf_stack_build_id_status',
    'BPF_STACK_BUILD_ID_',
  ),
  table(
    'coreRelocationKinds',
    'CoreRelocationKind',
    'CO-RE relocation kind',
    'bpf_core_relo_kind',
    'BPF_CORE_',
  ),
  table('returnCodes', 'ReturnCode', 'program return code', 'bpf_ret_code', 'BPF_'),
  table('xdpActions', 'XdpAction', 'XDP action', 'xdp_action', 'XDP_'),
  table('tcxActions', 'TcxAction', 'TCX action', 'tcx_action_base', 'TCX_'),
  table('skActions', 'SkAction', 'socket action', 'sk_action', 'SK_'),
  table('sockOps', 'SockOp', 'sock_ops operation', 'BPF_SOCK_OPS_VOID', 'BPF_SOCK_OPS_'),
  table('sockOptions', 'SockOption', 'BPF socket option', 'TCP_BPF_IW', 'TCP_BPF_'),
  table('tcpStates', 'TcpState', 'TCP state', 'BPF_TCP_ESTABLISHED', 'BPF_TCP_'),
  table(
    'fibLookupResults',
    'FibLookupResult',
    'FIB lookup result',
    'BPF_FIB_LKUP_RET_SUCCESS',
    'BPF_FIB_LKUP_RET_',
  ),
  table('mtuCheckResults', 'MtuCheckResult', 'MTU check result', 'bpf_check_mtu_ret', 'BPF_MTU_CHK_RET_'),
  table('adjustRoomModes', 'AdjustRoomMode', 'room adjustment mode', 'bpf_adj_room_mode', 'BPF_ADJ_ROOM_'),
  table('headerStarts', 'HeaderStart', 'header start', 'bpf_hdr_start_off', 'BPF_HDR_START_'),
  table('lwtEncapModes', 'LwtEncapMode', 'LWT encapsulation mode', 'bpf_lwt_encap_mode', 'BPF_LWT_ENCAP_'),
  table(
    'checksumLevels',
    'ChecksumLevel',
    'checksum level operation',
    'BPF_CSUM_LEVEL_QUERY',
    'BPF_CSUM_LEVEL_',
  ),
  table('timestampTypes', 'TimestampType', 'packet timestamp type', 'BPF_SKB_TSTAMP_UNSPEC', 'BPF_SKB_'),
  table('ringbufQueries', 'RingbufQuery', 'ring buffer query', 'BPF_RB_AVAIL_DATA', 'BPF_RB_'),
  table('taskIterTypes', 'TaskIterType', 'task iteration', 'BPF_TASK_ITER_ALL_PROCS', 'BPF_TASK_ITER_'),
  table('netfilterHooks', 'NetfilterHook', 'netfilter hook', 'nf_inet_hooks', 'NF_INET_'),
];

/** An enum of bits, or of loose numbers, that becomes an object of numbers. */
export interface FlagEntry {
  readonly constant: string;
  /** What the numbers are for. */
  readonly what: string;
  /** The enum's name. For an anonymous enum: one of its members. */
  readonly find: string;
  /** The longest prefix that fits is removed from each name. */
  readonly prefixes: readonly string[];
}

const flags = (constant: string, what: string, find: string, ...prefixes: string[]): FlagEntry => ({
  constant,
  what,
  find,
  prefixes,
});

/** What the library itself passes to the kernel, or reads from it. */
export const FLAGS: readonly FlagEntry[] = [
  flags('mapUpdateFlags', 'Flags of map element commands', 'BPF_NOEXIST', 'BPF_F_', 'BPF_'),
  flags(
    'mapCreateFlags',
    'Flags of maps, and those shared with other commands',
    'BPF_F_NO_PREALLOC',
    'BPF_F_',
  ),
  flags('commandFlags', 'Flags or-ed to the number of a bpf(2) command', 'BPF_COMMON_ATTRS', 'BPF_'),
  flags(
    'kprobeMultiFlags',
    'Flags of kprobe_multi links',
    'BPF_F_KPROBE_MULTI_RETURN',
    'BPF_F_KPROBE_MULTI_',
  ),
  flags(
    'uprobeMultiFlags',
    'Flags of uprobe_multi links',
    'BPF_F_UPROBE_MULTI_RETURN',
    'BPF_F_UPROBE_MULTI_',
  ),
  flags('ringbufRecord', 'Numbers of a ring buffer record header', 'BPF_RINGBUF_BUSY_BIT', 'BPF_RINGBUF_'),
  flags('programStreams', 'The streams of a program', 'bpf_stream_id', 'BPF_'),
  flags('perfTypes', 'Kinds of perf events', 'perf_type_id', 'PERF_TYPE_'),
  flags('perfHardwareEvents', 'Perf events of the processor', 'perf_hw_id', 'PERF_COUNT_HW_'),
  flags('perfSoftwareEvents', 'Perf events of the kernel', 'perf_sw_ids', 'PERF_COUNT_SW_'),
  flags('perfSampleFlags', 'What a perf event writes', 'perf_event_sample_format', 'PERF_SAMPLE_'),
  flags('perfRecordTypes', 'Records in perf buffers', 'perf_event_type', 'PERF_RECORD_'),
  flags('netfilterFamilies', 'Protocol families of netfilter', 'NFPROTO_IPV4', 'NFPROTO_'),
];

/** What BPF programs pass to helpers and kfuncs. The library only has their names. */
export const HELPER_FLAGS: readonly FlagEntry[] = [
  flags('ringbufFlags', 'Flags of bpf_ringbuf_submit and similar helpers', 'BPF_RB_NO_WAKEUP', 'BPF_RB_'),
  flags('redirectFlags', 'Flags of bpf_redirect and similar helpers', 'BPF_F_BROADCAST', 'BPF_F_'),
  flags('stackFlags', 'Flags of bpf_get_stackid and bpf_get_stack', 'BPF_F_USER_STACK', 'BPF_F_'),
  flags(
    'perfEventFlags',
    'Flags of bpf_perf_event_output and similar helpers',
    'BPF_F_CURRENT_CPU',
    'BPF_F_',
  ),
  flags('netnsIds', 'Network namespace numbers with a special meaning', 'BPF_F_CURRENT_NETNS', 'BPF_F_'),
  flags('branchRecordFlags', 'Flags of bpf_read_branch_records', 'BPF_F_GET_BRANCH_RECORDS_SIZE', 'BPF_F_'),
  flags(
    'storageFlags',
    'Flags of bpf_..._storage_get',
    'BPF_LOCAL_STORAGE_GET_F_CREATE',
    'BPF_LOCAL_STORAGE_GET_F_',
    'BPF_SK_STORAGE_GET_F_',
  ),
  flags('timerFlags', 'Flags of bpf_timer_start', 'BPF_F_TIMER_ABS', 'BPF_F_TIMER_'),
  flags('btfPrintFlags', 'Flags of bpf_snprintf_btf', 'BTF_F_COMPACT', 'BTF_F_'),
  flags('skbStoreFlags', 'Flags of bpf_skb_store_bytes', 'BPF_F_RECOMPUTE_CSUM', 'BPF_F_'),
  flags(
    'checksumFieldFlags',
    'Mask of bpf_l3_csum_replace and bpf_l4_csum_replace',
    'BPF_F_HDR_FIELD_MASK',
    'BPF_F_',
  ),
  flags('checksumFlags', 'Flags of bpf_l4_csum_replace', 'BPF_F_PSEUDO_HDR', 'BPF_F_'),
  flags('tunnelKeyFlags', 'Flags of bpf_skb_set_tunnel_key', 'BPF_F_ZERO_CSUM_TX', 'BPF_F_'),
  flags(
    'tunnelFlags',
    'Flags of bpf_skb_get_tunnel_key and bpf_skb_set_tunnel_key',
    'BPF_F_TUNINFO_IPV6',
    'BPF_F_',
  ),
  flags('tunnelInfoFlags', 'Flags of bpf_skb_get_tunnel_key', 'BPF_F_TUNINFO_FLAGS', 'BPF_F_'),
  flags('adjustRoomFlags', 'Flags of bpf_skb_adjust_room', 'BPF_F_ADJ_ROOM_FIXED_GSO', 'BPF_F_ADJ_ROOM_'),
  flags(
    'adjustRoomEncapL2',
    'Where bpf_skb_adjust_room takes the layer 2 length',
    'BPF_ADJ_ROOM_ENCAP_L2_MASK',
    'BPF_ADJ_ROOM_ENCAP_L2_',
  ),
  flags('sysctlFlags', 'Flags of bpf_sysctl_get_name', 'BPF_F_SYSCTL_BASE_NAME', 'BPF_F_SYSCTL_'),
  flags('skLookupFlags', 'Flags of bpf_sk_assign', 'BPF_SK_LOOKUP_F_REPLACE', 'BPF_SK_LOOKUP_F_'),
  flags('execFlags', 'Flags of bpf_bprm_opts_set', 'BPF_F_BPRM_SECUREEXEC', 'BPF_F_BPRM_'),
  flags('sockOpsFlags', 'Flags of bpf_sock_ops_cb_flags_set', 'BPF_SOCK_OPS_RTO_CB_FLAG', 'BPF_SOCK_OPS_'),
  flags(
    'sockCallbackFlags',
    'Flags of the socket option SK_BPF_CB_FLAGS',
    'SK_BPF_CB_TX_TIMESTAMPING',
    'SK_BPF_CB_',
  ),
  flags('headerOptionFlags', 'Flags of bpf_load_hdr_opt', 'BPF_LOAD_HDR_OPT_TCP_SYN', 'BPF_LOAD_HDR_OPT_'),
  flags(
    'writeHeaderFlags',
    'What a header option is written for',
    'BPF_WRITE_HDR_TCP_CURRENT_MSS',
    'BPF_WRITE_HDR_',
  ),
  flags('fibLookupFlags', 'Flags of bpf_fib_lookup', 'BPF_FIB_LOOKUP_DIRECT', 'BPF_FIB_LOOKUP_'),
  flags('mtuCheckFlags', 'Flags of bpf_check_mtu', 'bpf_check_mtu_flags', 'BPF_MTU_CHK_'),
  flags(
    'flowDissectorFlags',
    'Flags of flow dissector programs',
    'BPF_FLOW_DISSECTOR_F_PARSE_1ST_FRAG',
    'BPF_FLOW_DISSECTOR_F_',
  ),
  flags('kfuncFlags', 'Flags of kfuncs that copy strings', 'bpf_kfunc_flags', 'BPF_F_'),
  flags('addressSpaceCasts', 'Kinds of address space casts', 'bpf_addr_space_cast', 'BPF_'),
  flags('conditionalPseudoJumps', 'Kinds of conditional pseudo jumps', 'bpf_cond_pseudo_jmp', 'BPF_'),
];
