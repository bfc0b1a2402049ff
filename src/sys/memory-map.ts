import { constants } from 'node:buffer';
import { BpfError, ClosedError, checkOurs, OURS } from '../errors/index.ts';
import { native } from './binding.ts';
import type { Fd } from './fd.ts';
import { type Purpose, systemError } from './syscall.ts';

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
/** Maps exactly at the address or not at all: what is already mapped there stays. */
const MAP_FIXED_NOREPLACE = 0x100000;

/** What {@link MemoryMap.map} takes. */
export interface MemoryMapOptions {
  /** Bytes; the kernel rounds up to pages. */
  readonly length: number;
  /** Byte offset, a multiple of the page size. Default 0. */
  readonly offset?: number | undefined;
  readonly writable?: boolean | undefined;
  /** Whether others see what is written. Default true; kernel BTF can only be mapped with false. */
  readonly shared?: boolean | undefined;
  /** Where in the process. Default: where the kernel chooses. */
  readonly address?: number | undefined;
  /** For the error if the kernel refuses. Default: to map the memory. */
  readonly purpose?: Purpose | undefined;
}

/** The ArrayBuffer, or the negated errno. */
function mapped(fd: number, what: string, options: MemoryMapOptions): ArrayBuffer | number {
  const { length, writable, shared, offset = 0, address = 0 } = options;
  const most = constants.MAX_LENGTH;
  if (length > most)
    throw tooLarge(what, length, `this runtime allows at most ${most} bytes in one ArrayBuffer`);
  try {
    return native().mmap(
      length,
      writable === true ? PROT_READ | PROT_WRITE : PROT_READ,
      (shared === false ? MAP_PRIVATE : MAP_SHARED) | (address === 0 ? 0 : MAP_FIXED_NOREPLACE),
      fd,
      offset,
      address,
    );
  } catch (cause) {
    // The remaining cause: the runtime makes no ArrayBuffer of the mapping, which is already removed again.
    throw tooLarge(what, length, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function tooLarge(what: string, length: number, why: string, cause?: unknown): BpfError {
  return new BpfError(
    `Cannot map the memory of ${what}: its ${length} bytes do not fit an ArrayBuffer: ${why}: use a smaller map, or a newer runtime`,
    { code: 'ERR_BPF_MAPPING_TOO_LARGE', cause },
  );
}

/**
 * The owner of a memory mapping. After `close()` its views have length 0.
 */
export class MemoryMap {
  readonly what: string;
  #buffer: ArrayBuffer | undefined;

  private constructor(key: typeof OURS, buffer: ArrayBuffer, what: string) {
    checkOurs(key, 'MemoryMap', 'MemoryMap.map');
    this.#buffer = buffer;
    this.what = what;
  }

  /**
   * Maps a descriptor's memory into the process.
   *
   * @throws BpfError with the kernel's errno; `EOPNOTSUPP` also if the runtime forbids external memory, `EEXIST` if
   *   something else is at the address; `ERR_BPF_MAPPING_TOO_LARGE` if the runtime cannot make an ArrayBuffer of this
   *   size (Node 20: 4 GiB)
   */
  static map(fd: Fd | number, what: string, options: MemoryMapOptions): MemoryMap {
    const buffer = mapped(typeof fd === 'number' ? fd : fd.value, what, options);
    if (typeof buffer === 'number') {
      const { action, explain } = options.purpose ?? { action: `map the memory of ${what}` };
      throw systemError(action, 'mmap', -buffer, undefined, explain);
    }
    return new MemoryMap(OURS, buffer, what);
  }

  /** @throws ClosedError after {@link close} */
  get buffer(): ArrayBuffer {
    if (this.#buffer === undefined) throw new ClosedError(`the mapped memory of ${this.what}`);
    return this.#buffer;
  }

  /** Where it is in this process. @throws ClosedError */
  get address(): number {
    return native().address(this.buffer);
  }

  get closed(): boolean {
    return this.#buffer === undefined;
  }

  close(): void {
    const buffer = this.#buffer;
    this.#buffer = undefined;
    if (buffer !== undefined) native().munmap(buffer);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
