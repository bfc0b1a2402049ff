import { BpfError } from '../errors/index.ts';

const LENGTH = 4;
/** The helper's own limit (native/ns/control.c). */
const FRAME_MAX = 1 << 16;
const NUL = 0;

/** The code of a {@link protocolError}. */
export const HELPER_PROTOCOL = 'ERR_BPF_HELPER';

/** The helper sent something that this library's helper does not send: the two have different versions. */
export function protocolError(problem: string): BpfError {
  return new BpfError(`Cannot understand the namespace helper: ${problem}: install the package again`, {
    code: HELPER_PROTOCOL,
  });
}

/** Puts together the frames that the helper writes: a length, and that many bytes. See native/ns/control.c. */
export class HelperFrames {
  #bytes: Buffer = Buffer.alloc(0);

  /** The frames that `chunk` completes. @throws BpfError `ERR_BPF_HELPER` for a frame that is too long */
  *push(chunk: Buffer): Generator<Buffer, void, undefined> {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    while (this.#bytes.length >= LENGTH) {
      const length = this.#bytes.readUInt32LE(0);
      if (length > FRAME_MAX) throw protocolError(`it announces a frame of ${length} bytes`);
      if (this.#bytes.length < LENGTH + length) return;
      const frame = this.#bytes.subarray(LENGTH, LENGTH + length);
      this.#bytes = this.#bytes.subarray(LENGTH + length);
      yield frame;
    }
  }
}

/** The `count` fields of a frame, with a NUL between them. @throws BpfError `ERR_BPF_HELPER` for another count */
export function frameFields(frame: Buffer, count: number): Buffer[] {
  const fields: Buffer[] = [];
  for (let start = 0; ; ) {
    const end = frame.indexOf(NUL, start);
    fields.push(frame.subarray(start, end === -1 ? frame.length : end));
    if (end === -1) break;
    start = end + 1;
  }
  if (fields.length !== count) throw protocolError(`a frame has ${fields.length} fields, not ${count}`);
  return fields;
}

/** A field that is a number. @throws BpfError `ERR_BPF_HELPER` */
export function numberField(field: Buffer | undefined): number {
  const text = field?.toString('latin1') ?? '';
  if (!/^\d{1,10}$/.test(text)) throw protocolError(`${JSON.stringify(text)} is not a number`);
  return Number(text);
}
