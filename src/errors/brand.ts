const symbolOf = (name: string): symbol => Symbol.for(`ebpf-ts.${name}`);

/**
 * Gives the errors of a class its name, also in the first line of their stack, and a mark by which any copy of the
 * library knows them, and those of the classes below.
 */
export function brand(errorClass: { readonly prototype: Error }, name: string): void {
  const { prototype } = errorClass;
  Object.defineProperty(prototype, 'name', { value: name, writable: true, configurable: true });
  Object.defineProperty(prototype, symbolOf(name), { value: true });
}

/** Whether a value is an error of the class with this name, or one below it, in any copy of the library. */
export function isBranded(value: unknown, name: string): boolean {
  return value instanceof Error && symbolOf(name) in value;
}
