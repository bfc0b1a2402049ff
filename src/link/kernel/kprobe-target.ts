/** A place in a kernel function, as a section name or an option says it. */
export interface KprobeTarget {
  readonly function: string;
  readonly offset: number;
  readonly module: string | undefined;
}

const TARGET = /^(?:([\w-]+):)?([\w.$]+)(?:\+(0[xX][\da-fA-F]+|0[0-7]*|[1-9]\d*))?$/;

function offsetOf(text: string | undefined): number {
  if (text === undefined) return 0;
  return /^0[0-7]/.test(text) ? Number.parseInt(text, 8) : Number(text);
}

/**
 * Reads what follows `kprobe/` in the name of a section: `FUNCTION`, `FUNCTION+OFFSET` or `MODULE:FUNCTION`. Offsets are
 * written as in C.
 *
 * @returns `undefined` if it does not have that form
 */
export function parseKprobeTarget(text: string): KprobeTarget | undefined {
  const [match, module, name = '', offset] = TARGET.exec(text) ?? [];
  if (match === undefined) return undefined;
  const at = offsetOf(offset);
  return Number.isSafeInteger(at) ? { function: name, offset: at, module } : undefined;
}
