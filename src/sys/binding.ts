import { BpfError, NotSupportedError } from '../errors/index.ts';

const { fileURLToPath } = process.getBuiltinModule('node:url');

/** Memory that the native part takes as an argument. */
export type Memory = ArrayBuffer | ArrayBufferView;

/** An argument of a system call. Strings and memory are passed by address. */
export type SyscallArgument = number | bigint | string | Memory | null;

/** The system calls whose numbers the native part knows for this CPU. */
export type SyscallName =
  | 'bpf'
  | 'capget'
  | 'capset'
  | 'close'
  | 'epoll_create1'
  | 'epoll_ctl'
  | 'fcntl'
  | 'fsconfig'
  | 'fsmount'
  | 'fsopen'
  | 'getsockopt'
  | 'ioctl'
  | 'mount'
  | 'move_mount'
  | 'openat'
  | 'perf_event_open'
  | 'pidfd_getfd'
  | 'pidfd_open'
  | 'prctl'
  | 'read'
  | 'recvfrom'
  | 'recvmsg'
  | 'sendmsg'
  | 'sendto'
  | 'setns'
  | 'setsockopt'
  | 'socket'
  | 'umount2';

/** An epoll thread; see `Poller` for the form to use. */
export interface NativePoller {
  arm(fd: number, id: number, events: number): number;
  disarm(fd: number): number;
  hold(whether: boolean): void;
  close(): void;
}

/**
 * The one door to the kernel: every system call of the library goes through these functions. Only files, such as those
 * of /proc and /sys, are read with `node:fs`. The functions return the result of the system call, or the negated errno.
 */
export interface NativeBinding {
  readonly numbers: Readonly<Record<SyscallName, number>>;
  /**
   * Any system call; EINTR is not retried. A descriptor that it opens belongs to this environment (the main thread, or
   * a worker), and is closed when the environment ends at the latest.
   */
  syscall(number: number, ...args: SyscallArgument[]): number;
  /** The address of the first byte. It stays the same while the memory is referenced and not detached. */
  address(memory: Memory): number;
  /**
   * bpf(2). The call is repeated after EINTR if nothing has happened by then, and after EAGAIN of BPF_PROG_LOAD. `keep`
   * is not read: as an argument, it keeps what `attr` points to from being collected during the call. A descriptor that
   * the call returns belongs to this environment.
   */
  bpf(command: number, attr: Memory, size: number, keep?: object): number;
  /**
   * The same on its own thread. `keep` holds what `attr` points to until the call is over. If no thread can be started,
   * this returns the negated errno instead of a promise.
   */
  bpfAsync(command: number, attr: Memory, size: number, keep: object): Promise<number> | number;
  /**
   * Makes a function that makes this call with what `attr` contains at that moment: the fastest form. The function
   * holds `attr` and `keep`, which is what `attr` points to. Both must stay attached.
   */
  bind(command: number, attr: Memory, size: number, keep: object): () => number;
  /** Closes all of these on several threads, because some make the caller wait. Returns when all are closed. */
  closeAll(fds: Int32Array): void;
  /** From now on the descriptor does not belong to this environment: the caller closes it. */
  disown(fd: number): void;
  /** @param address - 0, the default: the kernel chooses */
  mmap(
    length: number,
    prot: number,
    flags: number,
    fd: number,
    offset: number,
    address?: number,
  ): ArrayBuffer | number;
  /** Detaches and unmaps the buffer; false if it is not (or no longer) a mapping. */
  munmap(buffer: ArrayBuffer): boolean;
  poller(callback: (ids: number[]) => void): NativePoller | number;
  /** Make functions without arguments on shared memory: see `shared-memory.ts`. RangeError for places outside it. */
  bindLoad(memory: ArrayBuffer, positions: Float64Array, offset: number, data: 0, size: 0): () => void;
  bindStore(memory: ArrayBuffer, positions: Float64Array, offset: number, data: 0, size: 0): () => void;
  bindScan(
    memory: ArrayBuffer,
    positions: Float64Array,
    offset: number,
    data: number,
    size: number,
    places: Uint32Array,
  ): () => void;
  bindCopy(
    memory: ArrayBuffer,
    positions: Float64Array,
    offset: number,
    data: number,
    size: number,
    places: Uint32Array,
    copies: ArrayBuffer,
  ): () => void;
  bindScanPerf(
    memory: ArrayBuffer,
    positions: Float64Array,
    offset: number,
    data: number,
    size: number,
    places: Uint32Array,
  ): () => void;
  /** True if nobody in this process has the key. It is then this thread's, until the thread ends or {@link release}. */
  claim(key: number): boolean;
  release(key: number): void;
  /** How often a process sent this signal since the last call; the runtime must have a handler for it. */
  signalsSent(number: number): number;
}

let current: NativeBinding | undefined;

function hint(): string {
  if ('Deno' in globalThis) return 'Deno needs --allow-ffi, --allow-read and --allow-env for native addons';
  if (process.execArgv.some((flag) => flag.includes('permission'))) {
    return "Node's permission model needs --allow-addons";
  }
  return 'build it with "npm run build" in the package, or install a package that has a binary for this CPU';
}

function load(): NativeBinding {
  if (process.platform !== 'linux') {
    throw new NotSupportedError(`Cannot use eBPF on ${process.platform}: it is a part of the Linux kernel`, {
      feature: 'bpf(2)',
      since: 'Linux',
    });
  }
  // Always the package's own file: nothing from outside may choose what a privileged process loads.
  const path = fileURLToPath(new URL(`../../native/ebpf-ts.linux-${process.arch}.node`, import.meta.url));
  try {
    // Not require(): setting up Node's module loader takes several times as long as loading this file.
    const loaded: { exports: unknown } = { exports: {} };
    process.dlopen(loaded, path);
    return loaded.exports as NativeBinding;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new BpfError(`Cannot load the native part ${path}: ${reason}: ${hint()}`, {
      code: 'ERR_BPF_NATIVE',
      cause,
    });
  }
}

/**
 * The native part, loaded at first use.
 *
 * @throws NotSupportedError on other systems than Linux
 * @throws BpfError with code `ERR_BPF_NATIVE` if the binary is missing or refused
 */
export function native(): NativeBinding {
  current ??= load();
  return current;
}

/**
 * Replaces the native part by another implementation while `body` runs, such as one that records calls. For tests.
 * Calls that were bound before keep the implementation that they were bound with.
 */
export function withBinding<T>(replacement: NativeBinding, body: () => T): T {
  const before = native();
  current = replacement;
  try {
    return body();
  } finally {
    current = before;
  }
}
