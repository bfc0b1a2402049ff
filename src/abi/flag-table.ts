import { checkArray, checkInteger, U32 } from '../errors/index.ts';
import { type NameTable, type NameTableInit, nameTable } from './name-table.ts';

/** Flags as callers write them: an array of names, and of bits that have no name yet; or one number for all bits. */
export type Flags<N extends string> = number | readonly (N | number)[];

/**
 * The flags of one field of the kernel's BPF interface. A name stands for one bit or, if the kernel defines it so, for
 * a mask or a value of several bits.
 */
export interface FlagTable<N extends string> extends NameTable<N> {
  /**
   * The number that means all of these flags.
   *
   * @throws TypeError if there is no such name; it gives the nearest ones
   * @throws RangeError for a number that is negative, not an integer, or larger than 2^53 - 1
   */
  bits(flags: Flags<N>): number;
  /**
   * The names of the bits that are set. Bits without a name come last, together as one number, so that
   * `table.bits(table.flags(bits)) === bits` for every number.
   *
   * @throws RangeError for a number that is negative, not an integer, or larger than 2^53 - 1
   */
  flags(bits: number): (N | number)[];
}

/** What a {@link FlagTable} is made from. */
export type FlagTableInit<N extends string> = Omit<NameTableInit<N>, 'max' | 'aliases'>;

const isBit = (number: number): boolean => number > 0 && Number.isInteger(Math.log2(number));

/** Makes the table of the flags of one field. */
export function flagTable<N extends string>(init: FlagTableInit<N>): FlagTable<N> {
  const { what, numbers } = init;
  const highest = Math.max(0, ...Object.values<number>(numbers));
  const table = nameTable<N>({ ...init, max: highest === 0 ? 1 : 2 ** (Math.floor(Math.log2(highest)) + 1) });
  const check = (bits: number): bigint => {
    checkInteger(`${what}: bits`, bits, 0, Number.MAX_SAFE_INTEGER);
    return BigInt(bits);
  };

  return Object.freeze({
    ...table,
    bits(flags: Flags<N>): number {
      if (typeof flags === 'number') return Number(check(flags));
      checkArray(`${what}: flags`, flags);
      let bits = 0n;
      for (const flag of flags) bits |= check(typeof flag === 'number' ? flag : table.number(flag));
      return Number(bits);
    },
    flags(bits: number): (N | number)[] {
      let rest = check(bits);
      const found: (N | number)[] = [];
      for (const [name, number] of table) {
        if (!isBit(number) || (rest & BigInt(number)) === 0n) continue;
        found.push(name);
        rest &= ~BigInt(number);
      }
      if (rest !== 0n) found.push(Number(rest));
      return found;
    },
  });
}

/**
 * The bits of an option that the kernel takes as 32 bits; `undefined` stays `undefined`.
 *
 * @throws TypeError, RangeError
 */
export function flagBits<N extends string>(
  what: string,
  table: FlagTable<N>,
  flags: Flags<N> | undefined,
): number | undefined {
  if (flags === undefined) return undefined;
  if (typeof flags !== 'number') checkArray(what, flags);
  const bits = typeof flags === 'number' ? flags : table.bits(flags);
  checkInteger(what, bits, ...U32);
  return bits;
}
