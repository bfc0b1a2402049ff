import { formatChecked } from './format.ts';
import { checkFormatOptions, type FormatOptions } from './format-options.ts';
import { type AsmItem, isLabel, slotsOf } from './instruction.ts';
import { layOut, resolveTarget } from './layout.ts';

/**
 * A whole program as `bpftool prog dump xlated` prints it: one line for each instruction, with the number of its slot.
 * Labels and source lines (`; ...`) have lines of their own.
 *
 * @throws TypeError for what is not an instruction or label, and for wrong and unknown options
 */
export function disassemble(items: readonly AsmItem[], options: FormatOptions = {}): string {
  checkFormatOptions('disassemble', options);
  const layout = layOut(items);
  const lines: string[] = [];
  let slot = 0;
  let source = '';
  for (const item of items) {
    if (isLabel(item)) {
      lines.push(`${item.label}:`);
      continue;
    }
    const text = item.source?.text.trim() ?? source;
    if (text !== source) lines.push(`; ${text}`);
    source = text;
    const known = item.target !== undefined && layout.labels.has(item.target);
    const instruction = known ? resolveTarget(item, slot, layout) : item;
    lines.push(`${String(slot).padStart(4)}: ${formatChecked(instruction, options)}`);
    slot += slotsOf(item);
  }
  return lines.join('\n');
}
