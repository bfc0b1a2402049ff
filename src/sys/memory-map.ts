import { BpfError, ClosedError, errnoName } from '../errors/index.ts';
import { native } from './binding.ts';
import type { Fd } from './fd.ts';

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;

/** What {@link MemoryMap.map} takes. */
export interface MemoryMapOptions {
  /** Bytes; the kernel rounds up to pages. */
  readonly length: number;
  /** Byte offset, a multiple of the page size. Default 0. */
  readonly offset?: number;
  readonly writable?: boolean;
  /** Whether others see what is written. Default true; kernel BTF can only be mapped with false. */
  readonly shared?: boolean;
}

/**
 * The owner of a memory mapping. After `close()` its views have length 0.
 */
export class MemoryMap {
  readonly what: string;
  #buffer: ArrayBuffer | undefined;

  private constructor(buffer: ArrayBuffer, what: string) {
    this.#buffer = buffer;
    this.what = what;
  }

  /**
   * Maps a descriptor's memory into the process.
   *
   * @throws BpfError with the kernel's errno; `EOPNOTSUPP` also where the runtime forbids external memory
   */
  static map(fd: Fd | number, what: string, options: MemoryMapOptions): MemoryMap {
    const buffer = native().mmap(
      options.length,
      options.writable === true ? PROT_READ | PROT_WRITE : PROT_READ,
      options.shared === false ? MAP_PRIVATE : MAP_SHARED,
      typeof fd === 'number' ? fd : fd.value,
      options.offset ?? 0,
    );
    if (typeof buffer === 'number') {
      const code = errnoName(-buffer);
      throw new BpfError(`Cannot map the memory of ${what}: ${code}`, {
        code,
        errno: -buffer,
        syscall: 'mmap',
      });
    }
    return new MemoryMap(buffer, what);
  }

  /** @throws ClosedError after {@link close} */
  get buffer(): ArrayBuffer {
    if (this.#buffer === undefined) throw new ClosedError(`the mapped memory of ${this.what}`);
    return this.#buffer;
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
