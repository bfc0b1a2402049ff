/** A part of `union bpf_attr`, and the commands that read it. */
export interface AttrEntry {
  /** The name of the exported interface. */
  readonly type: string;
  /** The name of the constant that holds the layout. */
  readonly constant: string;
  /** The union's member of this name, or its anonymous struct that has all these fields. */
  readonly find: string | readonly string[];
  readonly commands: readonly string[];
}

/**
 * Which part of `union bpf_attr` belongs to which commands. Parts are found by the names of their fields, never by
 * position, because the kernel may move them. The generator fails if a command has no entry here.
 */
export const ATTRS: readonly AttrEntry[] = [
  {
    type: 'MapCreateAttr',
    constant: 'mapCreate',
    find: ['map_type', 'max_entries'],
    commands: ['map_create'],
  },
  {
    type: 'MapElemAttr',
    constant: 'mapElem',
    find: ['map_fd', 'key', 'value', 'next_key'],
    commands: [
      'map_lookup_elem',
      'map_update_elem',
      'map_delete_elem',
      'map_get_next_key',
      'map_lookup_and_delete_elem',
      'map_freeze',
    ],
  },
  {
    type: 'MapBatchAttr',
    constant: 'mapBatch',
    find: 'batch',
    commands: ['map_lookup_batch', 'map_lookup_and_delete_batch', 'map_update_batch', 'map_delete_batch'],
  },
  { type: 'ProgLoadAttr', constant: 'progLoad', find: ['prog_type', 'insns'], commands: ['prog_load'] },
  { type: 'ObjAttr', constant: 'obj', find: ['pathname', 'bpf_fd'], commands: ['obj_pin', 'obj_get'] },
  {
    type: 'ProgAttachAttr',
    constant: 'progAttach',
    find: ['attach_bpf_fd', 'attach_type'],
    commands: ['prog_attach', 'prog_detach'],
  },
  { type: 'ProgTestRunAttr', constant: 'progTestRun', find: 'test', commands: ['prog_test_run'] },
  {
    type: 'GetIdAttr',
    constant: 'getId',
    find: ['start_id', 'next_id'],
    commands: [
      'prog_get_next_id',
      'map_get_next_id',
      'btf_get_next_id',
      'link_get_next_id',
      'prog_get_fd_by_id',
      'map_get_fd_by_id',
      'btf_get_fd_by_id',
      'link_get_fd_by_id',
    ],
  },
  { type: 'InfoAttr', constant: 'info', find: 'info', commands: ['obj_get_info_by_fd'] },
  { type: 'ProgQueryAttr', constant: 'progQuery', find: 'query', commands: ['prog_query'] },
  {
    type: 'RawTracepointAttr',
    constant: 'rawTracepoint',
    find: 'raw_tracepoint',
    commands: ['raw_tracepoint_open'],
  },
  { type: 'BtfLoadAttr', constant: 'btfLoad', find: ['btf', 'btf_size'], commands: ['btf_load'] },
  { type: 'TaskFdQueryAttr', constant: 'taskFdQuery', find: 'task_fd_query', commands: ['task_fd_query'] },
  { type: 'LinkCreateAttr', constant: 'linkCreate', find: 'link_create', commands: ['link_create'] },
  { type: 'LinkUpdateAttr', constant: 'linkUpdate', find: 'link_update', commands: ['link_update'] },
  { type: 'LinkDetachAttr', constant: 'linkDetach', find: 'link_detach', commands: ['link_detach'] },
  { type: 'EnableStatsAttr', constant: 'enableStats', find: 'enable_stats', commands: ['enable_stats'] },
  { type: 'IterCreateAttr', constant: 'iterCreate', find: 'iter_create', commands: ['iter_create'] },
  { type: 'ProgBindMapAttr', constant: 'progBindMap', find: 'prog_bind_map', commands: ['prog_bind_map'] },
  { type: 'TokenCreateAttr', constant: 'tokenCreate', find: 'token_create', commands: ['token_create'] },
  {
    type: 'ProgStreamReadAttr',
    constant: 'progStreamRead',
    find: 'prog_stream_read',
    commands: ['prog_stream_read_by_fd'],
  },
  {
    type: 'ProgAssocStructOpsAttr',
    constant: 'progAssocStructOps',
    find: 'prog_assoc_struct_ops',
    commands: ['prog_assoc_struct_ops'],
  },
];

/** A structure the kernel fills or reads, by its name in BTF. */
export interface StructEntry {
  readonly type: string;
  readonly constant: string;
  readonly name: string;
}

/** The structures that BPF_OBJ_GET_INFO_BY_FD fills. */
export const INFOS: readonly StructEntry[] = [
  { type: 'BpfMapInfo', constant: 'mapInfo', name: 'bpf_map_info' },
  { type: 'BpfProgInfo', constant: 'progInfo', name: 'bpf_prog_info' },
  { type: 'BpfBtfInfo', constant: 'btfInfo', name: 'bpf_btf_info' },
  { type: 'BpfLinkInfo', constant: 'linkInfo', name: 'bpf_link_info' },
  { type: 'BpfTokenInfo', constant: 'tokenInfo', name: 'bpf_token_info' },
];

/** What perf_event_open(2) reads. */
export const PERF_EVENT_ATTR: StructEntry = {
  type: 'PerfEventAttrRequest',
  constant: 'perfEventAttr',
  name: 'perf_event_attr',
};

/** The parameters of an iterator, for BPF_LINK_CREATE. */
export const ITER_LINK_INFO: StructEntry = {
  type: 'IterLinkInfoRequest',
  constant: 'iterLinkInfo',
  name: 'bpf_iter_link_info',
};
