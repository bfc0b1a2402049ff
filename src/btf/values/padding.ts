/** Bits of a struct or union that a member takes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Writes zero where no member is, and leaves everything else alone. */
export type ClearPadding = (view: DataView, offset: number) => void;

/** Keeps the bits before `bit` within its byte: the lower ones if the low byte comes first, else the higher ones. */
function before(bit: number, littleEndian: boolean): number {
  const mask = (1 << (bit % 8)) - 1;
  return littleEndian ? mask : (mask << (8 - (bit % 8))) & 0xff;
}

/**
 * How to clear the bits of `size` bytes that `spans` leave free. This never writes to members' bytes, not even on the
 * way: a program in the kernel may be reading them.
 */
export function clearAround(spans: readonly Span[], size: number, littleEndian: boolean): ClearPadding {
  const keep = new Map<number, number>();
  const ranges: { start: number; end: number }[] = [];
  const clear = (start: number, end: number): void => {
    const [first, last] = [Math.ceil(start / 8), Math.floor(end / 8)];
    const partly = (byte: number, mask: number): void => {
      keep.set(byte, (keep.get(byte) ?? 0xff) & mask);
    };
    const head = before(start, littleEndian);
    const tail = ~before(end, littleEndian) & 0xff;
    if (first > last) {
      partly(last, head | tail);
      return;
    }
    if (start % 8 !== 0) partly(first - 1, head);
    if (first < last) ranges.push({ start: first, end: last });
    if (end % 8 !== 0) partly(last, tail);
  };
  let at = 0;
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    if (start > at) clear(at, start);
    at = Math.max(at, end);
  }
  if (at < size * 8) clear(at, size * 8);
  return (view, offset) => {
    for (const { start, end } of ranges) {
      new Uint8Array(view.buffer, view.byteOffset + offset + start, end - start).fill(0);
    }
    for (const [byte, mask] of keep) view.setUint8(offset + byte, view.getUint8(offset + byte) & mask);
  };
}
