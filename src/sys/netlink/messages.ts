import { ByteReader, ByteWriter, HOST_LITTLE_ENDIAN } from '../../bytes/index.ts';
import { Attributes } from './attributes.ts';
import { ACK_ATTRIBUTES, ALIGN, CONTROL, FLAGS, HEADER_SIZE } from './constants.ts';

/** A message as it is sent. */
export interface Request {
  readonly type: number;
  readonly flags: number;
  /** The family's own header, and the attributes after it. */
  readonly payload: Uint8Array;
}

/** A message as it is received. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  /** Stands at the first byte after the header. */
  readonly payload: ByteReader;
}

/** An acknowledgement. */
export interface Acknowledgement {
  /** The positive errno; 0 if the request was carried out. */
  readonly errno: number;
  /** What the kernel says about the refusal. Empty if it says nothing. */
  readonly text: string;
}

/** Makes the bytes of a message. */
export function encodeRequest({ type, flags, payload }: Request, sequence: number): Uint8Array {
  return new ByteWriter({ littleEndian: HOST_LITTLE_ENDIAN, capacity: HEADER_SIZE + payload.length })
    .u32(HEADER_SIZE + payload.length)
    .u16(type)
    .u16(flags)
    .u32(sequence)
    .u32(0)
    .bytes(payload)
    .toBytes();
}

/** Takes received bytes apart into messages. @throws FormatError if a length is wrong */
export function decodeMessages(bytes: Uint8Array): Message[] {
  const reader = new ByteReader(bytes, { littleEndian: HOST_LITTLE_ENDIAN, section: 'netlink' });
  const found: Message[] = [];
  while (reader.remaining > 0) {
    const start = reader.position;
    const length = reader.u32();
    if (length < HEADER_SIZE) throw reader.error(`a message of ${length} bytes`, start);
    const type = reader.u16();
    const flags = reader.u16();
    const sequence = reader.u32();
    reader.skip(4);
    found.push({ type, flags, sequence, payload: reader.slice(length - HEADER_SIZE) });
    reader.skip(Math.min((ALIGN - (length % ALIGN)) % ALIGN, reader.remaining));
  }
  return found;
}

/**
 * Reads the end of an answer: an acknowledgement, or the last message of a dump. `undefined` for other messages.
 *
 * @throws FormatError
 */
export function readEnd({ type, flags, payload }: Message): Acknowledgement | undefined {
  if (type !== CONTROL.error && type !== CONTROL.done) return undefined;
  const errno = payload.remaining >= 4 ? 0 - payload.i32() : 0;
  if (type === CONTROL.error) {
    // The request's header follows, and all of the request unless the answer is capped.
    const size = payload.u32();
    payload.skip(HEADER_SIZE - 4);
    if ((flags & FLAGS.capped) === 0 && size > HEADER_SIZE) {
      payload.skip(Math.min(size - HEADER_SIZE, payload.remaining));
      payload.skip(Math.min((ALIGN - (size % ALIGN)) % ALIGN, payload.remaining));
    }
  }
  const text = (flags & FLAGS.ack_tlvs) === 0 ? '' : new Attributes(payload).text(ACK_ATTRIBUTES.message);
  return { errno, text: text ?? '' };
}
