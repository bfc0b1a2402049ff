const { readFileSync } = process.getBuiltinModule('node:fs');

/** A function of the running kernel. */
export interface KernelFunction {
  /** The module that it is in. `undefined` for the kernel's own. */
  readonly module: string | undefined;
}

function kallsyms(): string | undefined {
  try {
    return readFileSync('/proc/kallsyms', 'latin1');
  } catch {
    return undefined;
  }
}

/**
 * The functions of the running kernel and its modules that have this name, according to /proc/kallsyms; `undefined` if
 * it cannot be read.
 */
export function kernelFunctionsNamed(name: string): KernelFunction[] | undefined {
  const text = kallsyms();
  if (text === undefined) return undefined;
  // `address type name`, followed by `[module]` for modules. The types t and w are code.
  const lines = new RegExp(
    `^[0-9a-f]+ [tTwW] ${name.replaceAll(/\W/g, '\\$&')}(?:$|\\s+\\[([^\\]]*)\\])`,
    'gm',
  );
  return [...text.matchAll(lines)].map(([, module]) => ({ module }));
}

/**
 * The names of all functions of the running kernel and its modules, in the order of /proc/kallsyms, those of several
 * functions more than once; `undefined` if it cannot be read.
 */
export function kernelFunctionNames(): string[] | undefined {
  const text = kallsyms();
  if (text === undefined) return undefined;
  return Array.from(text.matchAll(/^[0-9a-f]+ [tTwW] (\S+)/gm), ([, name = '']) => name);
}
