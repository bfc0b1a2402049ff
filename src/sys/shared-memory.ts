import { native } from './binding.ts';

/**
 * Two positions in memory that is shared with the kernel, ours and theirs, as numbers at the places below. The functions
 * bound to them read and write the memory in the right order; what the numbers say is as of the last call.
 */
export type Positions = Float64Array<ArrayBuffer> & { 0: number; 1: number; 2: number };

/** Our position, which {@link bindStore}'s function hands over. */
export const POSITION = 0;
/** Records from our position up to this one are complete: set by {@link bindScan}'s function. */
export const READY = 1;
/** Their position: set by {@link bindLoad}'s and {@link bindScan}'s function. */
export const THEIRS = 2;

export function makePositions(): Positions {
  return new Float64Array(3) as Positions;
}

/** Makes a function that reads their position, at `offset` of a mapping; and all that they wrote before is seen then. */
export function bindLoad(memory: ArrayBuffer, positions: Positions, offset: number): () => void {
  return native().bindLoad(memory, positions, offset, 0, 0);
}

/** Makes a function that writes our position, at `offset` of a mapping; they see all that was written before. */
export function bindStore(memory: ArrayBuffer, positions: Positions, offset: number): () => void {
  return native().bindStore(memory, positions, offset, 0, 0);
}

/**
 * Makes a function that looks at some of the records of a ring buffer from our position on, up to one that is still
 * being written.
 *
 * @param offset - where the writer's position is
 * @param data - where the records are
 */
export function bindScan(
  memory: ArrayBuffer,
  positions: Positions,
  offset: number,
  data: number,
  size: number,
): () => void {
  return native().bindScan(memory, positions, offset, data, size);
}

/** Whether {@link readAnew} does something in this runtime. */
export const NEEDS_FENCE: boolean = 'Bun' in globalThis;
const fence = new Uint8Array(1);

/**
 * To be called before shared memory is read plainly, where nothing else is called in between: JavaScriptCore takes a
 * loop's loads out of the loop unless something in it is stored to a typed array, and would never see a change. V8
 * loads from typed arrays whenever it is told to.
 */
export function readAnew(): void {
  if (NEEDS_FENCE) fence[0] = 1;
}
