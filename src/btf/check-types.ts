import { wrongType } from '../errors/index.ts';

/** @throws TypeError for what are no types; those of another copy of the library will do */
export function checkTypes(what: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && 'resolve' in value && 'byName' in value) return;
  throw wrongType(what, 'BtfTypes', value);
}
