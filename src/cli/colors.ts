/** Colours text, or leaves it as it is. */
export interface Colors {
  bold(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

/** SGR parameters (ECMA-48): the one that begins a colour, and the one that ends it. */
const CODES = { bold: [1, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;

/**
 * Colours for a terminal, or none. Not a package: packages for this read `process.stdout` when they are loaded, and
 * that makes a pipe non-blocking for all that share it.
 */
export function createColors(enabled: boolean): Colors {
  const style =
    ([begin, end]: readonly [number, number]) =>
    (text: string): string =>
      enabled ? `\u001b[${begin}m${text}\u001b[${end}m` : text;
  return {
    bold: style(CODES.bold),
    red: style(CODES.red),
    green: style(CODES.green),
    yellow: style(CODES.yellow),
  };
}
