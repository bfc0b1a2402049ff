/** The first argument of constructors that only the library calls: nobody else has it. */
export const OURS: unique symbol = Symbol('made by ebpf-ts');

/**
 * Refuses `new` by hand. TypeScript has private constructors, JavaScript does not.
 *
 * @param instead - what makes such an object
 * @throws TypeError
 */
export function checkOurs(key: typeof OURS, name: string, instead: string): void {
  if (key !== OURS) throw new TypeError(`${name} cannot be constructed: use ${instead}`);
}
