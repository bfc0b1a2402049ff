import { perfSampleFlags, perfSoftwareEvents, perfTypes } from '../abi/index.ts';
import type { BareError } from '../errors/index.ts';
import { type Fd, type Purpose, perfEventOpen, whyNoPerfEvent } from '../sys/index.ts';
import type { WakeUp } from './options.ts';

/** The kind of event that bpf_perf_event_output writes to. */
const OUTPUT = {
  type: perfTypes.software,
  config: perfSoftwareEvents.bpf_output,
  sampleType: perfSampleFlags.raw,
};

const NEEDS = {
  capability: 'perfmon',
  paranoid: 0,
  other: 'a ring buffer (map type ringbuf) needs none of this',
} as const;

function whyNotMapped(code: string): string | undefined {
  switch (code) {
    case 'EPERM':
      return 'the buffers exceed the memory that this user may lock (kernel.perf_event_mlock_kb): choose a smaller bufferSize, or add CAP_IPC_LOCK in the initial user namespace';
    case 'ENOMEM':
      return 'the kernel is out of memory: choose a smaller bufferSize';
    default:
      return undefined;
  }
}

function whyNotOpened(code: string): string | undefined {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return whyNoPerfEvent(NEEDS);
    case 'EMFILE':
      return 'this process has too many open descriptors, and each CPU needs one: raise its limit (ulimit -n)';
    case 'ENOSYS':
      return 'this kernel is built without perf events';
    default:
      return undefined;
  }
}

/** The purpose for errors while the buffers are opened. @param what - how errors name the perf buffer */
export function openingOf(what: string): Purpose {
  return {
    action: `open ${what}`,
    explain: ({ code, syscall }: BareError) => (syscall === 'mmap' ? whyNotMapped(code) : whyNotOpened(code)),
  };
}

/** Opens the event that bpf_perf_event_output on a CPU writes to. @throws BpfError `ENODEV` if the CPU is offline */
export function openOutputEvent(cpu: number, wakeUp: WakeUp, purpose: Purpose): Fd {
  return perfEventOpen({ ...OUTPUT, wakeUp }, { processId: -1, cpu }, purpose);
}
