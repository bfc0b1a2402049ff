/** Attaching programs: `ebpf-ts/link`. */

export type { NetfilterHook, PerfEventType } from '../abi/index.ts';
export { BpfError, ClosedError, FormatError, NotSupportedError, TokenError } from '../errors/index.ts';
export {
  type ParsedSection,
  parseSectionName,
  type SectionKind,
  type SectionTail,
} from '../sections/index.ts';
export {
  type AttachOptions,
  attach,
  type CollectionAttachOptions,
  type LinkSet,
  type Links,
  type SkippedProgram,
} from './attach/index.ts';
export { Attachment } from './attachment.ts';
export { attachUprobe, type UprobeOptions } from './file/uprobe.ts';
export { attachUprobeMulti, type UprobeMultiOptions } from './file/uprobe-multi.ts';
export { attachUsdt, type UsdtOptions } from './file/usdt/attach-usdt.ts';
export type { CommonLinkInfo, LinkDetails, LinkInfo } from './info.ts';
export { attachIterator } from './iterator/iterator.ts';
export type { IteratorInfo } from './iterator/iterator-info.ts';
export type { CgroupWalk, IteratorOptions } from './iterator/iterator-parameters.ts';
export { readIterator } from './iterator/iterator-run.ts';
export { IteratorStream, type StreamIteratorOptions, streamIterator } from './iterator/iterator-stream.ts';
export { attachKprobe, type KprobeOptions } from './kernel/kprobe.ts';
export { attachKprobeMulti, type KprobeMultiOptions } from './kernel/kprobe-multi.ts';
export { attachKsyscall, type KsyscallOptions } from './kernel/ksyscall.ts';
export { attachPerfEvent, type PerfEventOptions } from './kernel/perf-event.ts';
export type { PerfEventChoice, PerfEventName } from './kernel/perf-event-names.ts';
export { attachRawTracepoint, type RawTracepointOptions } from './kernel/raw-tracepoint.ts';
export { attachTracepoint, type TracepointOptions } from './kernel/tracepoint.ts';
export { attachTracing, type TracingOptions } from './kernel/tracing.ts';
export { attachTracingMulti, type TracingMultiOptions } from './kernel/tracing-multi.ts';
export { Link } from './link.ts';
export { LinkGroup } from './link-group.ts';
export { attachCgroup, type CgroupOptions } from './network/cgroup.ts';
export type { NodeSocket, SocketLike } from './network/find-socket.ts';
export type { NetworkInterface } from './network/interface.ts';
export { attachLirc, type LircOptions } from './network/lirc.ts';
export { attachNetfilter, type NetfilterOptions } from './network/netfilter.ts';
export { attachNetkit, type NetkitOptions } from './network/netkit.ts';
export { attachFlowDissector, attachSkLookup, type NetworkNamespaceOptions } from './network/netns.ts';
export type { Neighbour, OrderOptions } from './network/relative.ts';
export { attachReuseport, type ReuseportOptions } from './network/reuseport.ts';
export { attachSocketFilter, type SocketFilterOptions } from './network/socket-filter.ts';
export { attachSockmap, type SockmapAttachType, type SockmapOptions } from './network/sockmap.ts';
export { attachTc, type TcOptions } from './network/tc.ts';
export { attachTcx, type TcxOptions } from './network/tcx.ts';
export { attachXdp, type XdpOptions } from './network/xdp.ts';
