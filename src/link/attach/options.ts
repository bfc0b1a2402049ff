import type { UprobeOptions } from '../file/uprobe.ts';
import type { UprobeMultiOptions } from '../file/uprobe-multi.ts';
import type { UsdtOptions } from '../file/usdt/attach-usdt.ts';
import type { IteratorOptions } from '../iterator/iterator-parameters.ts';
import type { KprobeOptions } from '../kernel/kprobe.ts';
import type { KprobeMultiOptions } from '../kernel/kprobe-multi.ts';
import type { KsyscallOptions } from '../kernel/ksyscall.ts';
import type { PerfEventOptions } from '../kernel/perf-event.ts';
import type { RawTracepointOptions } from '../kernel/raw-tracepoint.ts';
import type { TracepointOptions } from '../kernel/tracepoint.ts';
import type { TracingOptions } from '../kernel/tracing.ts';
import type { TracingMultiOptions } from '../kernel/tracing-multi.ts';
import type { CgroupOptions } from '../network/cgroup.ts';
import type { LircOptions } from '../network/lirc.ts';
import type { NetfilterOptions } from '../network/netfilter.ts';
import type { NetkitOptions } from '../network/netkit.ts';
import type { NetworkNamespaceOptions } from '../network/netns.ts';
import type { ReuseportOptions } from '../network/reuseport.ts';
import type { SocketFilterOptions } from '../network/socket-filter.ts';
import type { SockmapOptions } from '../network/sockmap.ts';
import type { TcOptions } from '../network/tc.ts';
import type { TcxOptions } from '../network/tcx.ts';
import type { XdpOptions } from '../network/xdp.ts';

/**
 * Where and how `attach` attaches a program: the options of the function for programs of its kind, such as those of
 * `attachXdp`. What the section of the program says may be left out.
 */
export type AttachOptions =
  | Partial<CgroupOptions>
  | Partial<IteratorOptions>
  | Partial<KprobeOptions>
  | Partial<KprobeMultiOptions>
  | Partial<KsyscallOptions>
  | Partial<NetfilterOptions>
  | Partial<NetworkNamespaceOptions>
  | Partial<PerfEventOptions>
  | Partial<RawTracepointOptions>
  | Partial<TcxOptions>
  | Partial<TracepointOptions>
  | Partial<TracingOptions>
  | Partial<UprobeOptions>
  | Partial<UprobeMultiOptions>
  | Partial<UsdtOptions>
  | Partial<LircOptions>
  | Partial<NetkitOptions>
  | Partial<ReuseportOptions>
  | Partial<SocketFilterOptions>
  | Partial<SockmapOptions>
  | Partial<TcOptions>
  | Partial<TracingMultiOptions>
  | Partial<XdpOptions>;
