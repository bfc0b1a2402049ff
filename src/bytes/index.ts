export { ByteReader, type ByteReaderOptions } from './reader.ts';
export { ByteWriter } from './writer.ts';
