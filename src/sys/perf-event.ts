import { encodePerfEventAttr } from '../abi/index.ts';
import type { SyscallArgument } from './binding.ts';
import { addressOf } from './bpf.ts';
import { Fd } from './fd.ts';
import { type Purpose, syscall, systemError, trySyscall } from './syscall.ts';
import { readNumber } from './tracefs.ts';

// include/uapi/linux/perf_event.h
const PERF_FLAG_PID_CGROUP = 4;
const PERF_FLAG_FD_CLOEXEC = 8;

/** The part of `struct perf_event_attr` that the library needs. */
export interface PerfEventAttr {
  readonly type: number;
  readonly config: number | bigint;
  /** A number, or a text, which is passed by address. The meaning depends on the type. */
  readonly config1?: number | bigint | Uint8Array | undefined;
  readonly config2?: number | bigint | undefined;
  /** Default: 1, every event. */
  readonly period?: number | bigint | undefined;
  /** Events per second, instead of a period. */
  readonly frequency?: number | bigint | undefined;
  /** PERF_SAMPLE_... bits: what is written into the event's buffer. */
  readonly sampleType?: number | bigint | undefined;
  /** When the buffer wakes its reader: after this many events, or this many bytes. */
  readonly wakeUp?: { readonly events: number } | { readonly bytes: number } | undefined;
}

function encode({ wakeUp = { events: 0 }, ...attr }: PerfEventAttr): Uint8Array {
  return encodePerfEventAttr(
    {
      type: attr.type,
      config: attr.config,
      config1: attr.config1,
      config2: attr.config2,
      sample_type: attr.sampleType,
      ...(attr.frequency === undefined
        ? { sample_period: attr.period ?? 1 }
        : { sample_freq: attr.frequency, freq: 1 }),
      ...('bytes' in wakeUp
        ? { wakeup_watermark: wakeUp.bytes, watermark: 1 }
        : { wakeup_events: wakeUp.events }),
    },
    addressOf,
  );
}

const OPENING: Purpose = { action: 'open a perf event' };

/** What an event watches. */
export interface PerfEventTarget {
  /** The process, 0 for this thread, -1 for every process. */
  readonly processId: number;
  /** -1 for every CPU, which `processId` must then limit. */
  readonly cpu: number;
  /** Only the processes in this cgroup and below it; `processId` does not count then. */
  readonly cgroup?: number | undefined;
}

/** perf_event_open(2). @throws BpfError */
export function perfEventOpen(
  attr: PerfEventAttr,
  { processId, cpu, cgroup }: PerfEventTarget,
  { action, explain }: Purpose = OPENING,
): Fd {
  const { config1 = null } = attr;
  const pid = cgroup ?? processId;
  const flags = PERF_FLAG_FD_CLOEXEC | (cgroup === undefined ? 0 : PERF_FLAG_PID_CGROUP);
  // The last argument is not part of the call: it keeps the text from being collected before the kernel reads it.
  const fd = trySyscall('perf_event_open', encode(attr), pid, cpu, -1, flags, config1);
  if (fd < 0) throw systemError(action, 'perf_event_open', -fd, undefined, explain);
  return Fd.adopt(fd, 'perf event');
}

function setting(name: string): number | undefined {
  try {
    return readNumber(`/proc/sys/kernel/${name}`);
  } catch {
    return undefined;
  }
}

/** kernel.perf_event_paranoid: what processes without CAP_PERFMON may measure; undefined if it cannot be read. */
export function perfEventParanoid(): number | undefined {
  return setting('perf_event_paranoid');
}

/** kernel.perf_event_max_sample_rate: the highest frequency of events; undefined if it cannot be read. */
export function perfEventMaxRate(): number | undefined {
  return setting('perf_event_max_sample_rate');
}

/** ioctl(2) on a descriptor of the library. */
export function ioctl(fd: Fd, request: number, argument: SyscallArgument = 0): number {
  return syscall(`control ${fd.what}`, 'ioctl', fd.value, request, argument);
}
