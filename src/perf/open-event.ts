import { BpfError } from '../errors/index.ts';
import {
  type Fd,
  hasCapability,
  knownInitialNamespace,
  perfEventOpen,
  perfEventParanoid,
} from '../sys/index.ts';
import type { WakeUp } from './options.ts';

/** PERF_TYPE_SOFTWARE, PERF_COUNT_SW_BPF_OUTPUT, PERF_SAMPLE_RAW of include/uapi/linux/perf_event.h */
const SOFTWARE = 1;
const BPF_OUTPUT = 10n;
const RAW = 1n << 10n;
/** Above it, which only kernels of some distributions know, CAP_PERFMON is not enough. */
const PARANOID = 2;

const OTHER_WAY = 'a ring buffer (map type ringbuf) needs none of this';

/** Which right is missing, as far as it can be seen; the kernel says only that one is. */
function missingRight(): string {
  const paranoid = perfEventParanoid();
  const right = (paranoid ?? 0) > PARANOID ? 'sys_admin' : 'perfmon';
  const needed = `CAP_${right.toUpperCase()}`;
  const now = paranoid === undefined ? '' : ` (now ${paranoid})`;
  const setting = `or kernel.perf_event_paranoid at 0 or below${now}`;
  const initial = knownInitialNamespace();
  if (initial === false) {
    return `it needs ${needed} in the initial user namespace, which no BPF token stands in for, ${setting}: ${OTHER_WAY}`;
  }
  const has = hasCapability(right, 'sys_admin');
  if (has === false) {
    return `this process lacks ${needed}, ${setting}: ${OTHER_WAY}`;
  }
  const refusers = 'a seccomp filter (as in containers) or a security module refuses perf_event_open';
  return initial === true && has === true
    ? `this process has ${needed}: ${refusers}`
    : `it needs ${needed} in the initial user namespace, ${setting}; this process may lack it there, or ${refusers}: ${OTHER_WAY}`;
}

/** The error of a refused system call, with its cause. */
function refused(what: string, cause: BpfError): BpfError {
  const { code = '', errno, syscall } = cause;
  const mapping: Record<string, string> = {
    EPERM:
      'the buffers exceed the memory this user may lock (kernel.perf_event_mlock_kb): ask for less by bufferSize, or add CAP_IPC_LOCK in the initial user namespace',
    ENOMEM: 'the kernel is out of memory: ask for less by bufferSize',
  };
  const opening: Record<string, string> = {
    EMFILE:
      'this process has too many open descriptors: there is one for each CPU: raise its limit (ulimit -n)',
    ENOSYS: 'this kernel is built without perf events',
  };
  const right = code === 'EACCES' || code === 'EPERM';
  const why = syscall === 'mmap' ? mapping[code] : right ? missingRight() : opening[code];
  return new BpfError(`Cannot open ${what}: ${code}${why === undefined ? '' : `: ${why}`}`, {
    code,
    errno,
    syscall,
    cause,
  });
}

/** Runs `body`; a system call that is refused in it becomes an error which says what is missing. */
export function explained<T>(what: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (BpfError.is(error) && (error.syscall === 'perf_event_open' || error.syscall === 'mmap')) {
      throw refused(what, error);
    }
    throw error;
  }
}

/** Opens the event that bpf_perf_event_output on a CPU writes to. @throws BpfError `ENODEV` when it is offline */
export function openOutputEvent(cpu: number, wakeUp: WakeUp): Fd {
  return perfEventOpen({ type: SOFTWARE, config: BPF_OUTPUT, sampleType: RAW, wakeUp }, -1, cpu);
}
