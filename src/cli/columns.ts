import Table from 'cli-table3';
import type { Colors } from './colors.ts';

/** Where text is printed. */
export interface TextStyle {
  readonly colors: Colors;
  /** Columns to break lines at. Undefined: lines are never broken. */
  readonly width: number | undefined;
}

const NO_BORDERS = {
  ...{ top: '', 'top-mid': '', 'top-left': '', 'top-right': '' },
  ...{ bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '' },
  ...{ left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' },
};
const INDENT = '  ';
const NARROWEST = 20;

// biome-ignore lint/suspicious/noControlCharactersInRegex: an escape sequence is what is looked for
const visibleLength = (text: string): number => text.replace(/\u001b\[\d+m/g, '').length;

/** Paths can have control characters, which must not reach a terminal. */
const printable = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours stay, all else is shown as a number
  text.replace(/(\u001b\[\d+m)|[\u0000-\u001f\u007f-\u009f]/g, (control, colour?: string) =>
    colour === undefined ? `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}` : colour,
  );

/** Rows below each other, indented. The last column is broken to fit the width. */
export function columns(rows: readonly (readonly string[])[], { width }: TextStyle): string {
  const cells = rows.map((row) => row.map(printable));
  const widths = Array.from({ length: cells[0]?.length ?? 0 }, (_, column) =>
    Math.max(1, ...cells.map((row) => visibleLength(row[column] ?? ''))),
  );
  const last = widths.pop() ?? 0;
  const used = widths.reduce((sum, own) => sum + own + INDENT.length, INDENT.length);
  const fitting = width === undefined ? last : Math.min(last, Math.max(NARROWEST, width - used));
  const table = new Table({
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths: [...widths, fitting],
    wordWrap: true,
  });
  table.push(...cells);
  return table
    .toString()
    .split('\n')
    .map((line) => `${INDENT}${line}`.trimEnd())
    .join('\n');
}

/** A title and the text under it. */
export function section(title: string, body: string, { colors }: TextStyle): string {
  return `${colors.bold(title)}\n${body}\n`;
}
