import { wrongType } from '../errors/index.ts';

/** @throws TypeError if these are not types; types of another copy of the library are accepted */
export function checkTypes(what: string, value: unknown): void {
  if (typeof value === 'object' && value !== null && 'resolve' in value && 'byName' in value) return;
  throw wrongType(what, 'BtfTypes', value);
}
