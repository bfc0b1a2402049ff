import { type AsmItem, isLabel, type SourceLine, slotsOf } from '../../../asm/index.ts';
import type { LineInfo } from '../../../btf/index.ts';
import type { Records } from '../../../program/index.ts';
import type { LinkedFunction } from '../link.ts';

const FUNCTION_RECORD = 8; // struct bpf_func_info
const LINE_RECORD = 16; // struct bpf_line_info

/** `struct bpf_func_info` records: where each function begins, and its type. None if a function has no type. */
export function functionInfo(functions: readonly LinkedFunction[]): Records | undefined {
  const words = new Uint32Array(2 * functions.length);
  let at = 0;
  for (const { start, typeId } of functions) {
    if (typeId === 0) return undefined;
    words[at++] = start;
    words[at++] = typeId;
  }
  return { recordSize: FUNCTION_RECORD, bytes: new Uint8Array(words.buffer) };
}

/** Whether the object's BTF has the text of a line. The kernel takes no other lines. */
function isInBtf(source: SourceLine): source is SourceLine & LineInfo {
  return 'fileOffset' in source && 'textOffset' in source;
}

/**
 * `struct bpf_line_info` records. None if a function begins without one, because the kernel refuses that.
 *
 * @param functions - those that `items` consist of, in their order
 */
export function lineInfo(
  items: readonly AsmItem[],
  functions: readonly LinkedFunction[],
): Records | undefined {
  const words = new Uint32Array(4 * items.length);
  let at = 0;
  let begun = 0;
  let slot = 0;
  for (let i = 0; i < items.length; i++) {
    const item = items[i] as AsmItem;
    if (isLabel(item)) continue;
    const { source } = item;
    if (source !== undefined && isInBtf(source)) {
      words[at++] = slot;
      words[at++] = source.fileOffset;
      words[at++] = source.textOffset;
      words[at++] = (source.line << 10) | (source.column & 0x3ff);
      while (functions[begun]?.start === slot) begun++;
    }
    slot += slotsOf(item);
  }
  if (begun < functions.length) return undefined;
  return { recordSize: LINE_RECORD, bytes: new Uint8Array(words.buffer, 0, 4 * at) };
}
