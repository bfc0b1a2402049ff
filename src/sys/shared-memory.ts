import { native } from './binding.ts';

/**
 * Our position and theirs in memory that is shared with the kernel, as numbers at the indices below. The functions that
 * are bound to them read and write the memory in the right order. The numbers are as of the last call.
 */
export type Positions = Float64Array<ArrayBuffer> & { 0: number; 1: number; 2: number; 3: number };

/** Our position, which the function of {@link bindStore} writes to the memory. */
export const POSITION = 0;
/** Records from our position up to this one are complete. Scans set it. */
export const READY = 1;
/** Their position. The function of {@link bindLoad} and scans set it. */
export const THEIRS = 2;
/** The most records that a scan should find. It puts the number of those it has found there. */
export const COUNT = 3;

export function makePositions(): Positions {
  return new Float64Array(4) as Positions;
}

/** Makes a function that reads their position, at `offset` of a mapping. All that they wrote before is then seen. */
export function bindLoad(memory: ArrayBuffer, positions: Positions, offset: number): () => void {
  return native().bindLoad(memory, positions, offset, 0, 0);
}

/** Makes a function that writes our position, at `offset` of a mapping. They then see all that was written before. */
export function bindStore(memory: ArrayBuffer, positions: Positions, offset: number): () => void {
  return native().bindStore(memory, positions, offset, 0, 0);
}

/** Where a scan looks, and where it puts what it has found. */
export interface ScanOptions {
  /** Where the writer's position is in the memory. */
  readonly offset: number;
  /** Where the records are, and how many bytes there are for them. */
  readonly data: number;
  readonly size: number;
  /** Gets two numbers for each record: its place, counted from `data`, and its length. */
  readonly places: Uint32Array;
}

/**
 * Makes a function that finds records of a ring buffer from our position on, up to one that is still being written.
 * Discarded records are left out. It ends after as many as fit into `places`, or an eighth of the memory. Places
 * only grow, also beyond `size`: the data is mapped twice in a row.
 */
export function bindScan(
  memory: ArrayBuffer,
  positions: Positions,
  { offset, data, size, places }: ScanOptions,
): () => void {
  return native().bindScan(memory, positions, offset, data, size, places);
}

/**
 * Does the same for a ring that overwrites unread records. Copies what it finds to the start of `copies`, which has at
 * least `size` bytes, because the records may be overwritten at any moment. Places count from there. If records from our
 * position on were overwritten, our position is moved past them. Does nothing if `copies` is detached.
 */
export function bindCopy(
  memory: ArrayBuffer,
  positions: Positions,
  { offset, data, size, places }: ScanOptions,
  copies: ArrayBuffer,
): () => void {
  return native().bindCopy(memory, positions, offset, data, size, places, copies);
}

/** Does what {@link bindScan} does for a perf buffer, up to something else than a record that is in one piece. */
export function bindScanPerf(
  memory: ArrayBuffer,
  positions: Positions,
  { offset, data, size, places }: ScanOptions,
): () => void {
  return native().bindScanPerf(memory, positions, offset, data, size, places);
}

/** Whether {@link readAnew} does something in this runtime. */
export const NEEDS_FENCE: boolean = 'Bun' in globalThis;
const fence = new Uint8Array(1);

/**
 * Call this before a plain read of shared memory, if nothing else is called in between. JavaScriptCore moves loads out
 * of a loop, and would never see a change, unless the loop stores something to a typed array. V8 makes every load from
 * a typed array that the code asks for.
 */
export function readAnew(): void {
  if (NEEDS_FENCE) fence[0] = 1;
}
