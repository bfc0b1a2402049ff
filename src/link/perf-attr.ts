import { HOST_LITTLE_ENDIAN } from '../abi/index.ts';
import { BpfError } from '../errors/index.ts';
import { addressOf, perfEventOpen } from '../sys/index.ts';
import { createLink } from './create.ts';
import type { Link } from './link.ts';
import { type Attempt, attachError } from './problems.ts';

/** PERF_ATTR_SIZE_VER1 of include/uapi/linux/perf_event.h: all that is used here. */
const SIZE = 72;
const FREQUENCY = 1n << 10n;

/** The part of `struct perf_event_attr` that attaching needs. */
export interface PerfEventAttr {
  readonly type: number;
  readonly config: bigint;
  /** Numbers, or texts by address: what they mean depends on the type. */
  readonly config1?: bigint | Uint8Array | undefined;
  readonly config2?: bigint | undefined;
  readonly period?: bigint | undefined;
  /** Events a second, in place of a period. */
  readonly frequency?: bigint | undefined;
}

/** Which process and CPU; -1 for all of them. */
export interface PerfTarget {
  readonly processId: number;
  readonly cpu: number;
}

function encode(attr: PerfEventAttr): Uint8Array {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  const u64 = (offset: number, value: bigint): void => view.setBigUint64(offset, value, HOST_LITTLE_ENDIAN);
  const { config1 = 0n } = attr;
  view.setUint32(0, attr.type, HOST_LITTLE_ENDIAN);
  view.setUint32(4, SIZE, HOST_LITTLE_ENDIAN);
  u64(8, attr.config);
  u64(16, attr.frequency ?? attr.period ?? 1n);
  u64(40, attr.frequency === undefined ? 0n : FREQUENCY);
  u64(56, typeof config1 === 'bigint' ? config1 : BigInt(addressOf(config1)));
  u64(64, attr.config2 ?? 0n);
  return bytes;
}

/** Opens a perf event and links the program to it. The link keeps the event. @throws BpfError */
export function attachToPerfEvent(
  attempt: Attempt,
  attr: PerfEventAttr,
  target: PerfTarget,
  cookie?: bigint,
): Link {
  let opened: ReturnType<typeof perfEventOpen>;
  try {
    opened = perfEventOpen(encode(attr), target.processId, target.cpu);
  } catch (cause) {
    if (!BpfError.is(cause) || cause.errno === undefined) throw cause;
    throw attachError(attempt, cause.errno, { syscall: 'perf_event_open', cause });
  }
  using event = opened;
  return createLink(attempt, 'perf_event', {
    target_fd: event.value,
    perf_event: cookie === undefined ? undefined : { bpf_cookie: cookie },
  });
}

/** Why a perf event may be refused, with another way that a process in a user namespace has. */
export function refusedPerfEvent(other: string): { readonly EPERM: string; readonly EACCES: string } {
  const text =
    'this kind of perf event needs CAP_PERFMON in the initial user namespace, which no BPF token stands in for, ' +
    `or is forbidden by kernel lockdown: ${other}`;
  return { EPERM: text, EACCES: text };
}
