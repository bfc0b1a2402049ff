import {
  type Fd,
  MemoryMap,
  type MemoryMapOptions,
  type Purpose,
  pageSize,
  whyNotMappable,
} from '../sys/index.ts';

/**
 * The memory of a ring, shared with the kernel. The reader's position has its own page. The writer's position and the
 * data follow. The data is mapped twice in a row, so that a record that wraps around the end is in one piece.
 */
export class RingPages {
  readonly fd: Fd;
  /** The page with the reader's position. */
  readonly reader: ArrayBuffer;
  /** The page with the writer's position, then the data, twice. */
  readonly writer: ArrayBuffer;
  /** The data, twice. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly view: DataView<ArrayBuffer>;
  readonly words: Int32Array;
  /** Checked at each read. A plain field is faster than asking the descriptor. */
  closed: boolean = false;
  readonly #maps: MemoryMap[] = [];

  /**
   * Maps a ring. The part that the other side writes is mapped read-only.
   *
   * @param fd - owned by this object from here on
   * @throws BpfError
   */
  constructor(fd: Fd, what: string, size: number, role: 'reader' | 'writer') {
    this.fd = fd;
    const page = pageSize();
    const purpose: Purpose = {
      action: `map the memory of ${what}`,
      explain: ({ code }) =>
        whyNotMappable(fd) ??
        (code === 'EPERM' ? `the map is frozen, and the ${role} writes its position into it` : undefined),
    };
    const map = (options: MemoryMapOptions): ArrayBuffer => {
      const made = MemoryMap.map(fd, what, { ...options, purpose });
      this.#maps.push(made);
      return made.buffer;
    };
    try {
      this.reader = map({ length: page, writable: role === 'reader' });
      this.writer = map({ length: page + 2 * size, offset: page, writable: role === 'writer' });
    } catch (error) {
      this.close();
      throw error;
    }
    this.bytes = new Uint8Array(this.writer, page, 2 * size);
    this.view = new DataView(this.writer, page, 2 * size);
    this.words = new Int32Array(this.writer, page, (2 * size) / 4);
  }

  close(): void {
    this.closed = true;
    for (const map of this.#maps) map.close();
    this.fd.close();
  }
}
