/** What all readers of events have in common. */
export { checkLimit, type ReadOptions, type RunOptions } from './options.ts';
export { EventReader, type EventReaderOptions } from './reader.ts';
export { type AnyMap, claimMap, mapText, type RecordSource } from './source.ts';
