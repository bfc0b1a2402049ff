import { flagBits, type ProgramType, type ProgTestRunAttr, progTestRunFlagTable } from '../abi/index.ts';
import { onlineCpus } from '../sys/index.ts';

/** The least data that a test run takes, in bytes (net/bpf/test_run.c): an Ethernet header, or one of IPv4. */
const LEAST_DATA: Readonly<Partial<Record<ProgramType, number>>> = {
  socket_filter: 14,
  sched_cls: 14,
  sched_act: 14,
  xdp: 14,
  lwt_in: 14,
  lwt_out: 14,
  lwt_xmit: 14,
  cgroup_skb: 14,
  flow_dissector: 14,
  netfilter: 20,
};
/** Types that run on a context alone. */
const NO_DATA: ReadonlySet<string> = new Set([
  'sk_lookup',
  'raw_tracepoint',
  'raw_tracepoint_writable',
  'syscall',
]);
const RAW: ReadonlySet<string> = new Set(['raw_tracepoint', 'raw_tracepoint_writable']);

function has(attr: ProgTestRunAttr, flag: 'run_on_cpu' | 'xdp_live_frames'): boolean {
  return ((attr.flags ?? 0) & (flagBits('flags', progTestRunFlagTable, [flag]) ?? 0)) !== 0;
}

function dataProblem(type: ProgramType, size: number): string | undefined {
  const least = LEAST_DATA[type] ?? 0;
  if (size < least) {
    return `a test run of type ${type} needs at least ${least} bytes of data, ${size === 0 ? 'and there are none' : `not ${size}`}`;
  }
  return size > 0 && NO_DATA.has(type) ? `a test run of type ${type} takes a context and no data` : undefined;
}

function cpuProblem(type: ProgramType, attr: ProgTestRunAttr): string | undefined {
  if ((attr.cpu ?? 0) === 0 || type === 'xdp') return undefined;
  if (!RAW.has(type)) return `a test run of type ${type} cannot choose the CPU: leave out cpu`;
  return has(attr, 'run_on_cpu') ? undefined : 'the option cpu needs the flag run_on_cpu';
}

/**
 * What is known to be wrong with a test run that the kernel refused with a plain `EINVAL`; `undefined` if nothing is.
 * Called only after the refusal, so that this library forbids nothing that some kernel allows.
 */
export function testRunProblem(type: ProgramType, attr: ProgTestRunAttr): string | undefined {
  const found =
    dataProblem(type, attr.data_size_in ?? 0) ??
    cpuProblem(type, attr) ??
    ((attr.batch_size ?? 0) !== 0 && !has(attr, 'xdp_live_frames')
      ? 'the option batchSize needs the flag xdp_live_frames, which is for programs of type xdp'
      : undefined);
  if (found !== undefined) return found;
  if (type === 'sk_lookup' && attr.ctx_in === undefined)
    return 'a test run of type sk_lookup needs a context';
  const parts = [
    attr.data_size_in === undefined ? '' : `data of ${attr.data_size_in} bytes`,
    attr.ctx_in === undefined ? '' : `this context (${attr.ctx_size_in} bytes; most fields must be 0)`,
    (attr.flags ?? 0) === 0 ? '' : 'these flags',
  ].filter(Boolean);
  return parts.length === 0 ? undefined : `a test run of type ${type} does not take ${parts.join(' or ')}`;
}

/** Why a run on a CPU was refused with `ENXIO`. */
export function cpuOffline(cpu: number): string {
  try {
    return `CPU ${cpu} is not online: these are: ${onlineCpus().join(', ')}`;
  } catch {
    return `CPU ${cpu} is not online`;
  }
}
