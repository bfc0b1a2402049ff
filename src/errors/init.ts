import { isObject, wrongType } from './rules.ts';

/**
 * Checks what an error is made from.
 *
 * @param members - those that must be there
 * @throws TypeError that names them
 */
export function checkInit(name: string, init: unknown, members: readonly string[]): void {
  const given = init as Readonly<Record<string, unknown>>;
  if (isObject(init) && members.every((member) => given[member] !== undefined)) return;
  throw wrongType(`new ${name}: init`, `an object with ${members.join(' and ')}`, init);
}
