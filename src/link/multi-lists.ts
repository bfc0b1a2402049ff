import type { AttachType } from '../abi/index.ts';
import type { Program } from '../program/index.ts';
import { addressOf } from '../sys/index.ts';
import { programText } from './problems.ts';

const ADDRESS_SIZE = 8;

/** A list of texts as the kernel takes it: their addresses, then in the same memory the texts. */
export function textList(texts: readonly Uint8Array[]): Uint8Array {
  const start = texts.length * ADDRESS_SIZE;
  const list = new Uint8Array(start + texts.reduce((sum, { length }) => sum + length, 0));
  const addresses = new BigUint64Array(list.buffer, 0, texts.length);
  let at = start;
  for (const [index, text] of texts.entries()) {
    list.set(text, at);
    addresses[index] = BigInt(addressOf(list) + at);
    at += text.length;
  }
  return list;
}

/** Numbers as the kernel takes them: 64 bits each. */
export const words = (values: readonly (number | bigint)[]): Uint8Array =>
  new Uint8Array(BigUint64Array.from(values, BigInt).buffer);

/** Checks that there are places, and a cookie for each if there are any. @throws TypeError, RangeError */
export function checkLists(
  what: string,
  places: readonly unknown[],
  cookies: readonly unknown[] | undefined,
): void {
  if (!Array.isArray(places) || places.length === 0)
    throw new TypeError(`${what}: give at least one function`);
  if (cookies !== undefined && cookies.length !== places.length) {
    throw new RangeError(
      `${what}: ${cookies.length} cookies for ${places.length} places: give one for each place`,
    );
  }
}

/** A possible cause: a program opened by pin or id does not say what it was loaded for. */
export function notLoadedFor({ attachType }: Program, expected: AttachType): string | undefined {
  return attachType === undefined ? `the program may not have been loaded for ${expected}` : undefined;
}

/** Checks that the program was loaded for one of these types. If it does not say, the first is used. @throws TypeError */
export function attachTypeOf(
  what: string,
  program: Program,
  types: readonly [AttachType, AttachType],
): AttachType {
  const { attachType } = program;
  if (attachType === undefined) return types[0];
  const found = types.find((type) => type === attachType);
  if (found !== undefined) return found;
  throw new TypeError(`${what}: ${programText(program)} must be loaded for ${types[0]}, not ${attachType}`);
}
