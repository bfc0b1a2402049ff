const symbolOf = (name: string): symbol => Symbol.for(`ebpf-ts.${name}`);

/**
 * Gives the errors of a class its name, which the first line of their stack shows too, and a mark. By the mark, any
 * copy of the library recognises the errors of this class and of its subclasses.
 */
export function brand(errorClass: { readonly prototype: Error }, name: string): void {
  const { prototype } = errorClass;
  Object.defineProperty(prototype, 'name', { value: name, writable: true, configurable: true });
  Object.defineProperty(prototype, symbolOf(name), { value: true });
}

/** Whether a value is an error of the class with this name, or of a subclass, from any copy of the library. */
export function isBranded(value: unknown, name: string): boolean {
  return value instanceof Error && symbolOf(name) in value;
}
