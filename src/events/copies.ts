/** Copies share pieces of memory of this many bytes. */
export const CHUNK = 65_536;

/** Copies of records. What was copied once is never written again, so the copies can be handed out. */
export class Copies {
  /** Where the last copy ends in its memory. */
  used: number = 0;
  #chunk: Uint8Array<ArrayBuffer> | undefined;

  /** Copies bytes, and returns the memory that they are in now. */
  add(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
    const { length } = bytes;
    // slice() does not fill the memory with zeros first.
    if (length > CHUNK / 4) {
      this.used = length;
      return bytes.slice().buffer;
    }
    // Aligned, so that a user can make any typed array of a record that is aligned itself.
    let at = (this.used + 7) & -8;
    let chunk = this.#chunk;
    if (chunk === undefined || at + length > chunk.length) {
      chunk = new Uint8Array(CHUNK);
      this.#chunk = chunk;
      at = 0;
    }
    chunk.set(bytes, at);
    this.used = at + length;
    return chunk.buffer;
  }
}
