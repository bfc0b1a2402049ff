import { perfRecordTypes } from '../abi/index.ts';
import { HOST_LITTLE_ENDIAN } from '../bytes/index.ts';
import { FormatError } from '../errors/index.ts';
import { Stretch, type Tally } from '../events/index.ts';
import {
  bindLoad,
  bindScanPerf,
  bindStore,
  COUNT,
  type Fd,
  MemoryMap,
  makePositions,
  POSITION,
  type Purpose,
  pageSize,
  READY,
  THEIRS,
} from '../sys/index.ts';
import { openOutputEvent } from './open-event.ts';
import type { RingOptions } from './options.ts';

/** Offsets of the positions in struct perf_event_mmap_page (include/uapi/linux/perf_event.h). */
const DATA_HEAD = 1024;
const DATA_TAIL = 1032;
/** The size of struct perf_event_header, and two values of its `type`. A sample's length word and data follow it. */
const HEADER = 8;
const DATA = HEADER + 4;
const { lost: LOST, sample: SAMPLE } = perfRecordTypes;

/**
 * The buffer of one CPU: a page with two positions, the kernel's and ours, then the data. The kernel may overwrite what
 * is before our position. If there is no room, it drops records, and says later how many. Everything up to the kernel's
 * position is complete. One native call finds many records; they are then read with plain memory accesses.
 */
export class CpuRing {
  readonly cpu: number;
  readonly fd: Fd;
  readonly #lost: (count: number, cpu: number) => void;
  readonly #map: MemoryMap;
  readonly #size: number;
  /** The stretch's begin, its end, and the kernel's position. All as of the last look. */
  readonly #positions = makePositions();
  readonly #scan: () => void;
  readonly #load: () => void;
  readonly #store: () => void;
  readonly #data: Uint8Array<ArrayBuffer>;
  readonly #dataView: DataView<ArrayBuffer>;
  readonly #stretch: Stretch;
  /** The position that belongs to place 0 of the stretch. */
  #origin = 0;
  #released: number;

  /** @param lost - called when the kernel says that it had no room for records @throws BpfError */
  constructor(
    cpu: number,
    { size, wakeUp }: RingOptions,
    purpose: Purpose,
    lost: (count: number, cpu: number) => void,
    tally: Tally,
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
    this.#stretch = new Stretch(this.#data, this.#dataView, tally);
    const { places } = this.#stretch;
    this.#scan = bindScanPerf(buffer, this.#positions, { offset: DATA_HEAD, data: page, size, places });
    this.#load = bindLoad(buffer, this.#positions, DATA_HEAD);
    this.#store = bindStore(buffer, this.#positions, DATA_TAIL);
    // The event is new, so nothing was read yet.
    this.#released = 0;
  }

  get available(): number {
    this.#load();
    return this.#positions[THEIRS] - this.#position;
  }

  /** Whether there are records left of what was found. */
  get unread(): boolean {
    return this.#stretch.at < this.#stretch.count;
  }

  /** Our position: everything before it was read. */
  get #position(): number {
    const { at, places } = this.#stretch;
    return this.unread ? this.#origin + (places[2 * at] as number) - DATA : this.#positions[READY];
  }

  /** Counts what was read. */
  tally(): void {
    this.#stretch.tally();
  }

  /** The records to read next, or undefined. @param most - find no more than this many */
  find(most: number): Stretch | undefined {
    const positions = this.#positions;
    const stretch = this.#stretch;
    if (this.unread) return stretch;
    while (!stretch.closed) {
      stretch.tally();
      this.release();
      const position = positions[READY];
      positions[POSITION] = position;
      positions[COUNT] = most;
      this.#scan();
      stretch.bytes = this.#data;
      stretch.view = this.#dataView;
      this.#origin = position - (position % this.#size);
      stretch.begin(positions[COUNT]);
      if (stretch.count > 0) return stretch;
      if (position === positions[THEIRS]) return undefined;
      if (this.#readOther(position)) return stretch;
    }
    return undefined;
  }

  /**
   * Reads what is at our position if it is not a record in one piece: a record that wraps around the end, or a report.
   * Returns whether it is a record.
   */
  #readOther(position: number): boolean {
    const positions = this.#positions;
    const at = position % this.#size;
    // The size of a record is a multiple of 8 bytes, so a header never wraps around the end.
    const type = this.#dataView.getUint32(at, HOST_LITTLE_ENDIAN);
    const size = this.#dataView.getUint16(at + 6, HOST_LITTLE_ENDIAN);
    const problem = (): FormatError =>
      new FormatError(`the perf buffer of CPU ${this.cpu} holds a record of ${size} bytes`);
    if (size < HEADER || size % 8 !== 0 || size > positions[THEIRS] - position) throw problem();
    if (type !== SAMPLE && type !== LOST) {
      positions[READY] = position + size;
      return false;
    }
    const whole = this.#whole(at, size);
    const view = new DataView(whole.buffer, whole.byteOffset, size);
    if (type === LOST) {
      const count = Number(view.getBigUint64(HEADER + 8, HOST_LITTLE_ENDIAN));
      positions[READY] = position + size;
      this.#lost(count, this.cpu);
      return false;
    }
    const length = view.getUint32(HEADER, HOST_LITTLE_ENDIAN);
    if (DATA + length > size) throw problem();
    const stretch = this.#stretch;
    stretch.bytes = whole;
    stretch.view = view;
    stretch.places[0] = DATA;
    stretch.places[1] = length;
    this.#origin = position;
    positions[READY] = position + size;
    stretch.begin(1);
    return true;
  }

  /** Gives the memory of everything that was read back to the kernel, which may then overwrite it. */
  release(): void {
    const position = this.#position;
    if (this.#stretch.closed || position === this.#released) return;
    this.#released = position;
    this.#positions[POSITION] = position;
    this.#store();
  }

  close(): void {
    this.#stretch.close();
    this.#map.close();
    this.fd.close();
  }

  /** The record in one piece. */
  #whole(at: number, size: number): Uint8Array<ArrayBuffer> {
    const toEnd = this.#size - at;
    if (size <= toEnd) return this.#data.subarray(at, at + size);
    // A copy, because the data is mapped only once. A new one for each record: a reader of views may keep it.
    const copy = new Uint8Array(size);
    copy.set(this.#data.subarray(at));
    copy.set(this.#data.subarray(0, size - toEnd), toEnd);
    return copy;
  }
}
