import type { Codec } from '../bytes/codec/index.ts';
import { BpfError, ClosedError, checkFunction, FormatError, rejectUnknownOptions } from '../errors/index.ts';
import { checkLimit, type ReadOptions } from './options.ts';
import type { RecordSource } from './source.ts';
import type { Stretch } from './stretch.ts';

/** There is no record to read now. A record itself may be undefined. */
export const NOTHING: unique symbol = Symbol('no record');

/** Reads the records of a stretch up to an index. Returns whether to go on. */
type Pass = (stretch: Stretch, to: number) => boolean;

/** Passes over the records that are there, in each form. Nothing here waits. */
export class Passes<T> {
  readonly what: string;
  readonly source: RecordSource;
  /** Whether the last pass was ended by its callback. */
  ended: boolean = false;
  readonly #codec: Codec<T> | undefined;
  /** Whether a callback is working on a record. */
  #busy = false;

  /** @param what - the reader, for errors @param codec - of a record. Without one, records are copies of their bytes */
  constructor(what: string, source: RecordSource, codec: Codec<T> | undefined) {
    this.what = what;
    this.source = source;
    this.#codec = codec;
  }

  /** Hands out the records. @throws FormatError, TypeError, ClosedError, BpfError */
  read(each: (record: T) => unknown, options: ReadOptions): number {
    if (typeof each !== 'function') checkFunction('read: each', each);
    return this.#each('read', this.#decoding(each), options);
  }

  /** Hands out the memory of the records. @throws like {@link read} */
  readViews(each: (record: Uint8Array) => unknown, options: ReadOptions): number {
    if (typeof each !== 'function') checkFunction('readViews: each', each);
    const pass: Pass = (stretch, to) => {
      const { places, bytes } = stretch;
      const { buffer, byteOffset } = bytes;
      for (let index = stretch.at; index < to; index++) {
        stretch.at = index + 1;
        const start = byteOffset + (places[2 * index] as number);
        const record = new Uint8Array(buffer, start, places[2 * index + 1] as number);
        if (each(record) === false || stretch.closed) return false;
      }
      return true;
    };
    return this.#each('readViews', pass, options);
  }

  /** Hands out the places of the records. @throws like {@link read} */
  readInPlace(
    each: (view: DataView<ArrayBuffer>, offset: number, length: number) => unknown,
    options: ReadOptions,
  ): number {
    if (typeof each !== 'function') checkFunction('readInPlace: each', each);
    const pass: Pass = (stretch, to) => {
      const { places, view } = stretch;
      for (let index = stretch.at; index < to; index++) {
        stretch.at = index + 1;
        const go = each(view, places[2 * index] as number, places[2 * index + 1] as number);
        if (go === false || stretch.closed) return false;
      }
      return true;
    };
    return this.#each('readInPlace', pass, options);
  }

  /** The records as an array. @throws like {@link read} */
  take(options: ReadOptions): T[] {
    const records: T[] = [];
    const pass: Pass = (stretch, to) => {
      while (stretch.at < to && !stretch.closed) records.push(this.#one(stretch, to));
      return true;
    };
    // Nothing can close the reader between plain bytes.
    const copy: Pass = (stretch, to) => {
      stretch.copyAll(to, records as Uint8Array[]);
      return true;
    };
    this.#each('take', this.#codec === undefined ? copy : pass, options);
    return records;
  }

  /** The next record. Its memory is not given back. @throws FormatError, BpfError */
  next(): T | typeof NOTHING {
    if (this.#busy) throw this.#busyError();
    const stretch = this.source.find();
    return stretch === undefined ? NOTHING : this.#one(stretch, stretch.count);
  }

  assertOpen(): void {
    if (this.source.closed) throw new ClosedError(this.what);
  }

  inUse(cause: string): BpfError {
    return new BpfError(`Cannot read ${this.what}: ${cause}: a buffer has one reader`, {
      code: 'ERR_BPF_IN_USE',
    });
  }

  /** Reads the next record of a stretch. @param to - records before this index may be copied with it */
  #one(stretch: Stretch, to: number): T {
    const index = stretch.at++;
    const codec = this.#codec;
    if (codec === undefined) return stretch.copy(index, to) as T;
    const length = stretch.places[2 * index + 1] as number;
    if (length < codec.size) throw this.#tooShort(codec, length);
    return codec.decode(stretch.view, stretch.places[2 * index] as number);
  }

  #decoding(each: (record: T) => unknown): Pass {
    const codec = this.#codec;
    if (codec === undefined) {
      return (stretch, to) => {
        for (let index = stretch.at; index < to; index++) {
          stretch.at = index + 1;
          if (each(stretch.copy(index, to) as T) === false || stretch.closed) return false;
        }
        return true;
      };
    }
    return (stretch, to) => {
      const { places, view } = stretch;
      for (let index = stretch.at; index < to; index++) {
        stretch.at = index + 1;
        const length = places[2 * index + 1] as number;
        if (length < codec.size) throw this.#tooShort(codec, length);
        if (each(codec.decode(view, places[2 * index] as number)) === false || stretch.closed) return false;
      }
      return true;
    };
  }

  #tooShort(codec: Codec<T>, length: number): FormatError {
    return new FormatError(`${this.what}: a record has ${length} bytes, but ${codec.name} has ${codec.size}`);
  }

  #busyError(): BpfError {
    return this.inUse('its callback already reads it');
  }

  /** @param what - the method, for errors */
  #each(what: string, pass: Pass, options: ReadOptions): number {
    rejectUnknownOptions(what, options, ['limit']);
    const limit = checkLimit(what, options.limit);
    this.assertOpen();
    if (this.#busy) throw this.#busyError();
    const { source } = this;
    let count = 0;
    this.ended = false;
    this.#busy = true;
    try {
      while (count < limit && !this.ended) {
        const stretch = source.find();
        if (stretch === undefined) break;
        const { at } = stretch;
        this.ended = !pass(stretch, Math.min(stretch.count, at + limit - count));
        count += stretch.at - at;
      }
    } finally {
      this.#busy = false;
      // Also if the callback has thrown: the same record would only make it throw again.
      if (!source.closed) source.release();
    }
    return count;
  }
}
