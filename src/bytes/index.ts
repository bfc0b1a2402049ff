export { HOST_LITTLE_ENDIAN } from './byte-order.ts';
export { byteText } from './byte-text.ts';
export { bytesOf } from './memory.ts';
export { ByteReader, type ByteReaderOptions } from './reader.ts';
export { TextLines } from './text-lines.ts';
export { ByteWriter } from './writer.ts';
