/** Copies share pieces of memory of this many bytes. */
export const CHUNK = 65_536;

/** Copies of records. What was copied once is never written again, so the copies can be handed out. */
export class Copies {
  /** Where the last copy ends in its memory. */
  used: number = 0;
  #chunk: Uint8Array<ArrayBuffer> | undefined;
  /** The bytes of the chunk that are in use. */
  #taken = 0;

  /**
   * How many bytes the next copy may have, so that no memory is left over.
   *
   * @param least - the bytes that it has in any case
   */
  room(least: number): number {
    const chunk = this.#chunk;
    const left = chunk === undefined ? 0 : chunk.length - this.#taken;
    if (left >= least) return left;
    if (least > CHUNK / 4) return least;
    this.#chunk = new Uint8Array(CHUNK);
    this.#taken = 0;
    return CHUNK;
  }

  /** Copies bytes, and returns the memory that they are in now. */
  add(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
    const { length } = bytes;
    this.room(length);
    const chunk = this.#chunk;
    const at = this.#taken;
    if (chunk === undefined || at + length > chunk.length) {
      // slice() does not fill the memory with zeros first.
      this.used = length;
      return bytes.slice().buffer;
    }
    chunk.set(bytes, at);
    this.used = at + length;
    // Aligned, so that a user can make any typed array of a record that is aligned itself.
    this.#taken = (this.used + 7) & -8;
    return chunk.buffer;
  }
}
