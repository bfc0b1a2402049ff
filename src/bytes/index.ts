export { byteText } from './byte-text.ts';
export { ByteReader, type ByteReaderOptions } from './reader.ts';
export { ByteWriter } from './writer.ts';
