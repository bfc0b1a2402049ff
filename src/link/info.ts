import {
  type AttachType,
  attachTypes,
  type BpfLinkInfo,
  type BpfLinkInfoRequest,
  type KprobeMultiFlag,
  kprobeMultiFlagTable,
  type LinkType,
  linkTypes,
  type NetfilterHook,
  type NetfilterLinkFlag,
  type NumberText,
  nameOrNumber,
  netfilterFamilies,
  netfilterHooks,
  netfilterLinkFlagTable,
  type PerfEventType,
  perfEventTypes,
  type UprobeMultiFlag,
  uprobeMultiFlagTable,
} from '../abi/index.ts';
import { type Fd, linkInfo } from '../sys/index.ts';
import { type IteratorInfo, iteratorInfo } from './iterator/iterator-info.ts';

/** Room for a path, NUL included. */
const TEXT_SIZE = 4096;

/** What the kernel says about every link. */
export interface CommonLinkInfo {
  readonly id: number;
  /** The program's id; 0 for links of a struct_ops map. */
  readonly programId: number;
}

/** What the kernel says about links of each type. If it is too old for a field, a number is 0 and a name is empty. */
export interface LinkDetails {
  /** The index is 0 if the interface is gone. */
  readonly xdp: { readonly interfaceIndex: number };
  readonly tcx: { readonly interfaceIndex: number; readonly attachType: AttachType | NumberText };
  readonly netkit: { readonly interfaceIndex: number; readonly attachType: AttachType | NumberText };
  /** The id is the inode of the cgroup's folder; 0 if the cgroup is gone. */
  readonly cgroup: { readonly cgroupId: bigint; readonly attachType: AttachType | NumberText };
  readonly raw_tracepoint: { readonly tracepoint: string; readonly cookie: bigint };
  /** The target is the function or program attached to: the id of its BTF or program, and its type id in that BTF. */
  readonly tracing: {
    readonly attachType: AttachType | NumberText;
    readonly targetObjectId: number;
    readonly targetBtfId: number;
    readonly cookie: bigint;
  };
  readonly iter: IteratorInfo;
  /** The inode of the network namespace; 0 if it is gone. */
  readonly netns: { readonly netnsInode: number; readonly attachType: AttachType | NumberText };
  readonly struct_ops: { readonly mapId: number };
  readonly sockmap: { readonly mapId: number; readonly attachType: AttachType | NumberText };
  readonly netfilter: {
    readonly family: 'ipv4' | 'ipv6' | NumberText;
    readonly hook: NetfilterHook | NumberText;
    readonly priority: number;
    readonly flags: readonly (NetfilterLinkFlag | number)[];
  };
  readonly kprobe_multi: {
    readonly count: number;
    readonly flags: readonly (KprobeMultiFlag | number)[];
    /** How often the program was not run because one was running already. */
    readonly missed: number;
  };
  readonly uprobe_multi: {
    readonly path: string;
    readonly count: number;
    readonly flags: readonly (UprobeMultiFlag | number)[];
    readonly processId: number;
  };
  /** `name` is the tracepoint without its category, the function, or the file. Linux >= 6.6 */
  readonly perf_event: {
    readonly event: PerfEventType | NumberText | undefined;
    readonly name: string;
    readonly offset: number;
    readonly cookie: bigint;
  };
  readonly tracing_multi: object;
  readonly unspec: object;
}

/** What the kernel says about a link. `type` says which other fields there are. */
export type LinkInfo =
  | {
      readonly [T in LinkType]: CommonLinkInfo & { readonly type: T } & LinkDetails[T];
    }[LinkType]
  | (CommonLinkInfo & { readonly type: NumberText });

/** Asks again, with room for a name. The name is empty if the kernel gives none. */
function readText(fd: Fd, request: (room: Uint8Array, size: number) => BpfLinkInfoRequest): string {
  const room = new Uint8Array(TEXT_SIZE);
  linkInfo(fd, request(room, TEXT_SIZE));
  return Buffer.from(room.subarray(0, room.indexOf(0))).toString();
}

const place = (number = 0): AttachType | NumberText => nameOrNumber(attachTypes, number);

function family(number = 0): LinkDetails['netfilter']['family'] {
  if (number === netfilterFamilies.ipv4) return 'ipv4';
  return number === netfilterFamilies.ipv6 ? 'ipv6' : `${number}`;
}

type Reader<T extends LinkType> = (info: BpfLinkInfo, fd: Fd) => LinkDetails[T];

const details: { readonly [T in LinkType]: Reader<T> } = {
  unspec: () => ({}),
  tracing_multi: () => ({}),
  xdp: ({ xdp }) => ({ interfaceIndex: xdp?.ifindex ?? 0 }),
  tcx: ({ tcx }) => ({ interfaceIndex: tcx?.ifindex ?? 0, attachType: place(tcx?.attach_type) }),
  netkit: ({ netkit }) => ({
    interfaceIndex: netkit?.ifindex ?? 0,
    attachType: place(netkit?.attach_type),
  }),
  cgroup: ({ cgroup }) => ({
    cgroupId: cgroup?.cgroup_id ?? 0n,
    attachType: place(cgroup?.attach_type),
  }),
  raw_tracepoint: ({ raw_tracepoint: raw }, fd) => ({
    tracepoint: readText(fd, (tp_name, tp_name_len) => ({ raw_tracepoint: { tp_name, tp_name_len } })),
    cookie: raw?.cookie ?? 0n,
  }),
  tracing: ({ tracing }) => ({
    attachType: place(tracing?.attach_type),
    targetObjectId: tracing?.target_obj_id ?? 0,
    targetBtfId: tracing?.target_btf_id ?? 0,
    cookie: tracing?.cookie ?? 0n,
  }),
  iter: (info, fd) => {
    const target = readText(fd, (target_name, target_name_len) => ({
      iter: { target_name, target_name_len },
    }));
    return iteratorInfo(target, info);
  },
  netns: ({ netns }) => ({ netnsInode: netns?.netns_ino ?? 0, attachType: place(netns?.attach_type) }),
  struct_ops: ({ struct_ops: ops }) => ({ mapId: ops?.map_id ?? 0 }),
  sockmap: ({ sockmap }) => ({
    mapId: sockmap?.map_id ?? 0,
    attachType: place(sockmap?.attach_type),
  }),
  netfilter: ({ netfilter }) => ({
    family: family(netfilter?.pf),
    hook: nameOrNumber(netfilterHooks, netfilter?.hooknum ?? 0),
    priority: netfilter?.priority ?? 0,
    flags: netfilterLinkFlagTable.flags(netfilter?.flags ?? 0),
  }),
  kprobe_multi: ({ kprobe_multi: multi }) => ({
    count: multi?.count ?? 0,
    flags: kprobeMultiFlagTable.flags(multi?.flags ?? 0),
    missed: Number(multi?.missed ?? 0),
  }),
  uprobe_multi: ({ uprobe_multi: multi }, fd) => ({
    path: readText(fd, (path, path_size) => ({ uprobe_multi: { path, path_size } })),
    count: multi?.count ?? 0,
    flags: uprobeMultiFlagTable.flags(multi?.flags ?? 0),
    processId: multi?.pid ?? 0,
  }),
  perf_event: ({ perf_event: perf }, fd) => {
    const event = perf === undefined ? undefined : perfEventTypes.name(perf.type);
    const part = perf?.tracepoint ?? perf?.kprobe ?? perf?.uprobe ?? perf?.event;
    return {
      event: event === 'unspec' || perf === undefined ? undefined : nameOrNumber(perfEventTypes, perf.type),
      name: perfEventName(fd, event),
      offset: perf?.kprobe?.offset ?? perf?.uprobe?.offset ?? 0,
      cookie: part?.cookie ?? 0n,
    };
  },
};

function perfEventName(fd: Fd, event: PerfEventType | undefined): string {
  switch (event) {
    case 'tracepoint':
      return readText(fd, (tp_name, name_len) => ({ perf_event: { tracepoint: { tp_name, name_len } } }));
    case 'kprobe':
    case 'kretprobe':
      return readText(fd, (func_name, name_len) => ({ perf_event: { kprobe: { func_name, name_len } } }));
    case 'uprobe':
    case 'uretprobe':
      return readText(fd, (file_name, name_len) => ({ perf_event: { uprobe: { file_name, name_len } } }));
    default:
      return '';
  }
}

/** The type and id of a link. @throws BpfError */
export function linkBasics(fd: Fd): { readonly type: LinkType | NumberText; readonly id: number } {
  const { type, id } = linkInfo(fd);
  return { type: nameOrNumber(linkTypes, type), id };
}

/** Asks the kernel about the link of a descriptor. @throws BpfError */
export function aboutLink(fd: Fd): LinkInfo {
  const info = linkInfo(fd);
  const common = { id: info.id, programId: info.prog_id };
  const type = linkTypes.name(info.type);
  if (type === undefined) return { ...common, type: `${info.type}` };
  return { ...common, type, ...details[type](info, fd) } as LinkInfo;
}
