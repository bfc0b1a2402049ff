import { ATTR_MAX_SIZE, encodeAttr, readAttr } from '../../abi/index.ts';
import { ERRNO } from '../../errors/index.ts';
import { addressOf, bindBpf } from '../../sys/index.ts';
import type { MapCore } from '../core.ts';
import { transferred } from './transferred.ts';

const { ENOENT, EINTR, EINVAL, ENOSPC, EOPNOTSUPP, ENOTSUPP } = ERRNO;

/** The batch commands that read. */
export type BatchReadCommand = 'map_lookup_batch' | 'map_lookup_and_delete_batch';

/** What {@link BatchReader.read} returns if the kernel has no batches for the map. */
export const UNSUPPORTED = -1;

/** Whether an errno can mean that this kernel, or this type of map, has no batch commands. */
export function lacksBatches(errno: number): boolean {
  return errno === EINVAL || errno === ENOTSUPP || errno === EOPNOTSUPP;
}

/** Reads the entries of a map in batches, with one system call for each, and remembers its position. */
export class BatchReader {
  /** The last entry was read. */
  done: boolean = false;
  readonly #core: MapCore;
  readonly #command: BatchReadCommand;
  readonly #attr: DataView = new DataView(new ArrayBuffer(ATTR_MAX_SIZE));
  /** The kernel's own position: a bucket's number, or a key. */
  readonly #position: Uint8Array;
  #started: boolean = false;
  #bound: (() => number) | undefined;

  constructor(core: MapCore, command: BatchReadCommand) {
    this.#core = core;
    this.#command = command;
    this.#position = new Uint8Array(Math.max(core.facts.keySize, 8));
  }

  /**
   * Reads up to `capacity` entries into `keys` and `values`, one after the other. Why this is safe: the sizes are
   * checked here, and no foreign code runs between this check and the system call. Both must be plain views that this
   * library made, so that their sizes are true.
   *
   * @returns how many were read; 0 without {@link done} when the next hash bucket holds more than `capacity`;
   *   -1 when there are no batches for this map
   */
  read(keys: Uint8Array, values: Uint8Array, capacity: number): number {
    const { keySize, bufferSize } = this.#core.facts;
    if (keys.length < capacity * keySize || values.length < capacity * bufferSize)
      throw transferred(this.#core);
    const result = this.#call({
      map_fd: this.#core.number,
      ...(this.#started ? { in_batch: this.#position } : {}),
      out_batch: this.#position,
      keys,
      values,
      count: capacity,
    });
    if (result === -ENOSPC) return 0;
    if (!this.#started && lacksBatches(-result)) return UNSUPPORTED;
    // EINTR says that entries disappeared meanwhile, more than once. What was read before is valid.
    if (result < 0 && result !== -ENOENT && result !== -EINTR)
      throw this.#core.error('read the entries of', this.#command, -result);
    this.#started = true;
    this.done = result === -ENOENT;
    return readAttr(this.#command, 'count', this.#attr);
  }

  #call(attr: Parameters<typeof encodeAttr<BatchReadCommand>>[1]): number {
    const size = encodeAttr(this.#command, { elem_flags: 0, flags: 0, ...attr }, this.#attr, addressOf);
    // Every call sets the same last field, so the size never changes.
    this.#bound ??= bindBpf(this.#command, this.#attr, size, this.#position);
    return this.#bound();
  }
}
