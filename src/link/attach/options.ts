import type { CgroupOptions } from '../cgroup.ts';
import type { IteratorOptions } from '../iterator-parameters.ts';
import type { KprobeOptions } from '../kprobe.ts';
import type { KprobeMultiOptions } from '../kprobe-multi.ts';
import type { KsyscallOptions } from '../ksyscall.ts';
import type { LircOptions } from '../lirc.ts';
import type { NetfilterOptions } from '../netfilter.ts';
import type { NetkitOptions } from '../netkit.ts';
import type { NetworkNamespaceOptions } from '../netns.ts';
import type { PerfEventOptions } from '../perf-event.ts';
import type { RawTracepointOptions } from '../raw-tracepoint.ts';
import type { ReuseportOptions } from '../reuseport.ts';
import type { SocketFilterOptions } from '../socket-filter.ts';
import type { SockmapOptions } from '../sockmap.ts';
import type { TcOptions } from '../tc.ts';
import type { TcxOptions } from '../tcx.ts';
import type { TracepointOptions } from '../tracepoint.ts';
import type { TracingOptions } from '../tracing.ts';
import type { TracingMultiOptions } from '../tracing-multi.ts';
import type { UprobeOptions } from '../uprobe.ts';
import type { UprobeMultiOptions } from '../uprobe-multi.ts';
import type { UsdtOptions } from '../usdt/attach-usdt.ts';
import type { XdpOptions } from '../xdp.ts';

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
