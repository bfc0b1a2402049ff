import { ClosedError, checkInteger, checkOurs, OURS, wrongType } from '../errors/index.ts';
import { native } from './binding.ts';
import { type Purpose, syscall, systemError, trySyscall } from './syscall.ts';

const F_DUPFD_CLOEXEC = 1030; // include/uapi/linux/fcntl.h
/** Descriptors below this one are stdio's, and 0 would mean "none" in bpf attributes. */
const LOWEST = 3;

/** An open descriptor that the library owns, as the leak check reports it. */
export interface OpenDescriptor {
  readonly fd: number;
  readonly what: string;
  /** Where it was opened, if tracing was on. */
  readonly stack: string | undefined;
}

const open = new Map<number, OpenDescriptor>();
let tracing = false;

/** Starts or stops keeping the stack of each descriptor's creation, for {@link openDescriptors}. */
export function traceDescriptors(on: boolean): void {
  tracing = on;
}

/** Every descriptor that the library holds in this thread. */
export function openDescriptors(): OpenDescriptor[] {
  return [...open.values()];
}

function closeDescriptor(fd: number): void {
  open.delete(fd);
  trySyscall('close', fd);
}

const forgotten = new FinalizationRegistry<number>(closeDescriptor);

/**
 * The owner of a file descriptor, which belongs to this thread: if a worker ends before the owner was closed, the
 * native part closes the descriptor. `close()` may be called any number of times. If it is never called, the descriptor
 * is closed when the owner is garbage-collected.
 */
export class Fd {
  /** What is open, for error texts: `map "counters"`. */
  readonly what: string;
  #fd: number;

  private constructor(key: typeof OURS, fd: number, what: string) {
    checkOurs(key, 'Fd', 'Fd.adopt');
    this.#fd = fd;
    this.what = what;
  }

  /**
   * Takes over a descriptor that a system call has just returned. Numbers below 3 are moved up, so that no descriptor
   * of the library is mistaken for stdio, or for "none" in an attribute.
   *
   * @throws BpfError `EMFILE` if moving it fails; the descriptor is then closed
   */
  static adopt(fd: number, what: string): Fd {
    checkInteger('Fd.adopt: fd', fd, 0, 0x7fff_ffff);
    let own = fd;
    if (fd < LOWEST) {
      try {
        own = syscall(`keep ${what}`, 'fcntl', fd, F_DUPFD_CLOEXEC, LOWEST);
      } finally {
        trySyscall('close', fd);
      }
    }
    const owner = new Fd(OURS, own, what);
    open.set(own, { fd: own, what, stack: tracing ? new Error().stack : undefined });
    forgotten.register(owner, own, owner);
    return owner;
  }

  /** @throws ClosedError after {@link close} or {@link release} */
  get value(): number {
    if (this.#fd < 0) throw new ClosedError(this.what);
    return this.#fd;
  }

  get closed(): boolean {
    return this.#fd < 0;
  }

  /**
   * A second descriptor of the same kernel object, close-on-exec like all descriptors of the library.
   *
   * @param what - what it stands for, if errors should say something else
   */
  duplicate(what: string = this.what): Fd {
    return Fd.adopt(syscall(`duplicate ${this.what}`, 'fcntl', this.value, F_DUPFD_CLOEXEC, LOWEST), what);
  }

  /** A second descriptor of what a number stands for. @throws BpfError `EBADF` */
  static duplicateOf(fd: number, { action, explain }: Purpose, what: string): Fd {
    const copy = trySyscall('fcntl', fd, F_DUPFD_CLOEXEC, LOWEST);
    if (copy < 0) throw systemError(action, 'fcntl', -copy, undefined, explain);
    return Fd.adopt(copy, what);
  }

  /** Gives up the descriptor without closing it. From then on it is the caller's, also after this thread ends. */
  release(): number {
    const fd = this.value;
    this.#forget();
    open.delete(fd);
    native().disown(fd);
    return fd;
  }

  close(): void {
    if (this.#fd >= 0) closeDescriptor(this.#take());
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Closes several owners at once, on several threads: closing some descriptors, such as links to tracepoints, waits for
   * all CPUs.
   */
  static closeAll(owners: readonly Fd[]): void {
    const fds = owners.filter((owner) => !owner.closed).map((owner) => owner.#take());
    for (const fd of fds) open.delete(fd);
    if (fds.length > 0) native().closeAll(Int32Array.from(fds));
  }

  /** The number, which is the caller's from then on. */
  #take(): number {
    const fd = this.#fd;
    this.#forget();
    return fd;
  }

  #forget(): void {
    forgotten.unregister(this);
    this.#fd = -1;
  }
}

/** @throws TypeError if it does not own a descriptor, such as a number; one from any copy of the library will do */
export function checkFd(what: string, value: unknown): asserts value is Fd {
  if (typeof value === 'object' && value !== null && 'value' in value && 'close' in value) return;
  throw wrongType(`${what}: fd`, 'an Fd (Fd.adopt of ebpf-ts/sys makes one from a descriptor number)', value);
}
