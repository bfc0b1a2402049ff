import { type AsmItem, isLabel, type SourceLine, slotsOf } from '../../asm/index.ts';
import type { LineInfo } from '../../btf/index.ts';
import type { Records } from '../../program/index.ts';
import type { LinkedFunction } from '../link/link-program.ts';

const FUNCTION_RECORD = 8; // struct bpf_func_info
const LINE_RECORD = 16; // struct bpf_line_info

/** `struct bpf_func_info` records: where each function begins, and its type; none where one has no type. */
export function functionInfo(functions: readonly LinkedFunction[]): Records | undefined {
  if (functions.some(({ typeId }) => typeId === 0)) return undefined;
  const words = functions.flatMap(({ start, typeId }) => [start, typeId]);
  return { recordSize: FUNCTION_RECORD, bytes: bytesOf(words) };
}

/** A line that the object's BTF has the text of, which is all that the kernel can be told about. */
function isInBtf(source: SourceLine): source is SourceLine & LineInfo {
  return 'fileOffset' in source && 'textOffset' in source;
}

/**
 * `struct bpf_line_info` records; none where a function begins without one, as the kernel refuses that.
 *
 * @param functions - those that `items` consist of
 */
export function lineInfo(
  items: readonly AsmItem[],
  functions: readonly LinkedFunction[],
): Records | undefined {
  const words: number[] = [];
  const starts = new Set(functions.map(({ start }) => start));
  let slot = 0;
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as AsmItem;
    if (isLabel(item)) continue;
    const { source } = item;
    if (source !== undefined && isInBtf(source)) {
      words.push(slot, source.fileOffset, source.textOffset, (source.line << 10) | (source.column & 0x3ff));
      starts.delete(slot);
    }
    slot += slotsOf(item);
  }
  return starts.size > 0 ? undefined : { recordSize: LINE_RECORD, bytes: bytesOf(words) };
}

/** Words in this machine's byte order. */
function bytesOf(words: readonly number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(words).buffer);
}
