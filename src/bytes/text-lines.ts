/** Makes lines of UTF-8 text that comes in pieces. The pieces may end anywhere, even inside a character. */
export class TextLines {
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  #rest = '';

  /** The lines that end in this piece, without their newlines. The bytes may be reused after the call. */
  push(bytes: Uint8Array): string[] {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }
}
