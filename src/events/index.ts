/** What all readers of events have in common. */
export { Copies } from './copies.ts';
export { checkLimit, type ReadOptions, type RunOptions } from './options.ts';
export { EventReader, type EventReaderOptions } from './reader.ts';
export { type AnyMap, claimMap, type Fitting, mapText, type RecordOf, type RecordSource } from './source.ts';
export { type RecordCounts, Stretch, Tally } from './stretch.ts';
