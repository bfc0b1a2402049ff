import { perfRecordTypes } from '../abi/index.ts';
import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import { FormatError } from '../errors/index.ts';
import {
  bindLoad,
  bindStore,
  type Fd,
  MemoryMap,
  makePositions,
  POSITION,
  type Purpose,
  pageSize,
  THEIRS,
} from '../sys/index.ts';
import { openOutputEvent } from './open-event.ts';
import type { RingOptions } from './options.ts';

/** Offsets of the positions in struct perf_event_mmap_page (include/uapi/linux/perf_event.h). */
const DATA_HEAD = 1024;
const DATA_TAIL = 1032;
/** The size of struct perf_event_header, and two values of its `type`. */
const HEADER = 8;
const { lost: LOST, sample: SAMPLE } = perfRecordTypes;

/**
 * The buffer of one CPU: a page with two positions, the kernel's and ours, then the data. The kernel may overwrite what
 * is before our position. If there is no room, it drops records, and says later how many. Everything up to the kernel's
 * position is complete. One native call reads that position; the records are then read with plain memory accesses.
 */
export class CpuRing {
  readonly cpu: number;
  readonly fd: Fd;
  /** Where the record is that {@link next} has found. */
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView<ArrayBuffer>;
  start: number = 0;
  length: number = 0;
  readonly #lost: (count: number, cpu: number) => void;
  readonly #map: MemoryMap;
  readonly #size: number;
  /** Two positions: ours, and the kernel's as of the last look. */
  readonly #positions = makePositions();
  readonly #look: () => void;
  readonly #store: () => void;
  readonly #data: Uint8Array<ArrayBuffer>;
  readonly #dataView: DataView<ArrayBuffer>;
  /** Bytes of the record at our position, including its header. */
  #recordSize = 0;
  #released: number;

  /** @param lost - called when the kernel says that it had no room for records @throws BpfError */
  constructor(
    cpu: number,
    { size, wakeUp }: RingOptions,
    purpose: Purpose,
    lost: (count: number, cpu: number) => void,
  ) {
    const page = pageSize();
    this.cpu = cpu;
    this.#lost = lost;
    this.fd = openOutputEvent(cpu, wakeUp, purpose);
    try {
      this.#map = MemoryMap.map(this.fd, `the perf buffer of CPU ${cpu}`, {
        length: page + size,
        writable: true,
        purpose,
      });
    } catch (error) {
      this.fd.close();
      throw error;
    }
    const { buffer } = this.#map;
    this.#size = size;
    this.#data = new Uint8Array(buffer, page, size);
    this.#dataView = new DataView(buffer, page, size);
    this.bytes = this.#data;
    this.view = this.#dataView;
    this.#look = bindLoad(buffer, this.#positions, DATA_HEAD);
    this.#store = bindStore(buffer, this.#positions, DATA_TAIL);
    // The event is new, so nothing was read yet.
    this.#released = 0;
  }

  get closed(): boolean {
    return this.#map.closed;
  }

  get available(): number {
    this.#look();
    return this.#positions[THEIRS] - this.#positions[POSITION];
  }

  /** Finds the next record. It stays the same one until {@link advance}. */
  next(): boolean {
    const positions = this.#positions;
    while (!this.closed) {
      if (positions[POSITION] === positions[THEIRS]) this.#look();
      const available = positions[THEIRS] - positions[POSITION];
      if (available === 0) return false;
      const at = positions[POSITION] & (this.#size - 1);
      // The size of a record is a multiple of 8 bytes, so a header never wraps around the end.
      const type = this.#dataView.getUint32(at, HOST_LITTLE_ENDIAN);
      const size = this.#dataView.getUint16(at + 6, HOST_LITTLE_ENDIAN);
      if (size < HEADER || size % 8 !== 0 || size > available) {
        throw new FormatError(`the perf buffer of CPU ${this.cpu} holds a record of ${size} bytes`);
      }
      this.#recordSize = size;
      if (type !== SAMPLE && type !== LOST) {
        this.advance();
        continue;
      }
      const start = this.#whole(at, size);
      if (type === SAMPLE) {
        this.length = this.view.getUint32(start + HEADER, HOST_LITTLE_ENDIAN);
        this.start = start + HEADER + 4;
        return true;
      }
      const count = Number(this.view.getBigUint64(start + HEADER + 8, HOST_LITTLE_ENDIAN));
      this.advance();
      this.#lost(count, this.cpu);
    }
    return false;
  }

  /** Goes past the record that {@link next} found. */
  advance(): void {
    this.#positions[POSITION] += this.#recordSize;
    // Not after every record, because releasing memory costs more than reading a small record.
    if (this.#positions[POSITION] - this.#released >= this.#size / 8) this.release();
  }

  /** Gives the memory of everything that was read back to the kernel, which may then overwrite it. */
  release(): void {
    if (this.closed || this.#positions[POSITION] === this.#released) return;
    this.#released = this.#positions[POSITION];
    this.#store();
  }

  close(): void {
    this.#map.close();
    this.fd.close();
  }

  /** Makes `bytes` and `view` hold the record in one piece. Returns where it starts in them. */
  #whole(at: number, size: number): number {
    const toEnd = this.#size - at;
    if (size <= toEnd) {
      this.bytes = this.#data;
      this.view = this.#dataView;
      return at;
    }
    // A copy, because the data is mapped only once. A new one for each record: a reader of views may keep it.
    const copy = new Uint8Array(size);
    copy.set(this.#data.subarray(at));
    copy.set(this.#data.subarray(0, size - toEnd), toEnd);
    this.bytes = copy;
    this.view = new DataView(copy.buffer);
    return 0;
  }
}
