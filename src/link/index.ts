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
export { attachCgroup, type CgroupOptions } from './cgroup.ts';
export type { NodeSocket, SocketLike } from './find-socket.ts';
export type { CommonLinkInfo, LinkDetails, LinkInfo } from './info.ts';
export type { NetworkInterface } from './interface.ts';
export { attachIterator } from './iterator.ts';
export type { IteratorInfo } from './iterator-info.ts';
export type { CgroupWalk, IteratorOptions } from './iterator-parameters.ts';
export { readIterator } from './iterator-run.ts';
export { IteratorStream, type StreamIteratorOptions, streamIterator } from './iterator-stream.ts';
export { attachKprobe, type KprobeOptions } from './kprobe.ts';
export { attachKprobeMulti, type KprobeMultiOptions } from './kprobe-multi.ts';
export { attachKsyscall, type KsyscallOptions } from './ksyscall.ts';
export { Link } from './link.ts';
export { LinkGroup } from './link-group.ts';
export { attachLirc, type LircOptions } from './lirc.ts';
export { attachNetfilter, type NetfilterOptions } from './netfilter.ts';
export { attachNetkit, type NetkitOptions } from './netkit.ts';
export { attachFlowDissector, attachSkLookup, type NetworkNamespaceOptions } from './netns.ts';
export { attachPerfEvent, type PerfEventOptions } from './perf-event.ts';
export type { PerfEventChoice, PerfEventName } from './perf-event-names.ts';
export { attachRawTracepoint, type RawTracepointOptions } from './raw-tracepoint.ts';
export type { Neighbour, OrderOptions } from './relative.ts';
export { attachReuseport, type ReuseportOptions } from './reuseport.ts';
export { attachSocketFilter, type SocketFilterOptions } from './socket-filter.ts';
export { attachSockmap, type SockmapAttachType, type SockmapOptions } from './sockmap.ts';
export { attachTc, type TcOptions } from './tc.ts';
export { attachTcx, type TcxOptions } from './tcx.ts';
export { attachTracepoint, type TracepointOptions } from './tracepoint.ts';
export { attachTracing, type TracingOptions } from './tracing.ts';
export { attachTracingMulti, type TracingMultiOptions } from './tracing-multi.ts';
export { attachUprobe, type UprobeOptions } from './uprobe.ts';
export { attachUprobeMulti, type UprobeMultiOptions } from './uprobe-multi.ts';
export { attachUsdt, type UsdtOptions } from './usdt/attach-usdt.ts';
export { attachXdp, type XdpOptions } from './xdp.ts';
