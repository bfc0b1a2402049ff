const { readFileSync } = process.getBuiltinModule('node:fs');

/**
 * How many functions of the running kernel and its modules have this name, according to /proc/kallsyms; `undefined` if
 * it cannot be read.
 */
export function kernelFunctionCount(name: string): number | undefined {
  let text: string;
  try {
    text = readFileSync('/proc/kallsyms', 'latin1');
  } catch {
    return undefined;
  }
  // `address type name`, followed by `[module]` for modules. The types t and w are code.
  const lines = new RegExp(`^[0-9a-f]+ [tTwW] ${name.replaceAll(/\W/g, '\\$&')}(?:\\s|$)`, 'gm');
  return [...text.matchAll(lines)].length;
}
