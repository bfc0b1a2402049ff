/** Text in a colour, or as it is. */
export interface Colors {
  bold(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
}

/** SGR parameters (ECMA-48): those that begin it, and those that end it. */
const CODES = { bold: [1, 22], red: [31, 39], green: [32, 39], yellow: [33, 39] } as const;

/**
 * Colours for a terminal, or none. Packages for this look at `process.stdout` when they are loaded, which makes a
 * pipe there non-blocking for all that share it.
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
