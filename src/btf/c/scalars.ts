import type { BtfEnum, BtfEnum64, BtfFloat, BtfInt } from '../types.ts';

/** Sizes of the words in the C names of integer types, on a 64-bit machine. */
function sizeOfName(name: string): number | undefined {
  const words = name.split(' ').sort().join(' ');
  const bare = words
    .replace(/\b(un)?signed\b/, '')
    .trim()
    .replace(/ +/g, ' ');
  switch (bare) {
    case 'char':
    case '_Bool':
      return 1;
    case 'short':
    case 'int short':
      return 2;
    case '':
    case 'int':
      return name === '' ? undefined : 4;
    case 'long':
    case 'int long':
    case 'long long':
    case 'int long long':
      return 8;
    case '__int128':
      return 16;
    default:
      return undefined;
  }
}

const BY_SIZE: Readonly<Record<number, string>> = {
  1: 'char',
  2: 'short',
  4: 'int',
  8: 'long long',
  16: '__int128',
};

/** Bytes for which C has no scalar type. */
function opaque(size: number): string {
  const aligned = size === 16 ? ' __attribute__((aligned(16)))' : '';
  return `struct { unsigned char bytes[${size}]; }${aligned}`;
}

/** A C type with the same size and signedness as an integer type, under its own name if that is C. */
export function intName({ name, size, encoding }: BtfInt): string {
  if (sizeOfName(name) === size) return name;
  if (encoding === 'bool' && size === 1) return '_Bool';
  const plain = BY_SIZE[size];
  if (plain === undefined) return opaque(size);
  return `${encoding === 'signed' ? 'signed' : 'unsigned'} ${plain}`;
}

export function floatName({ size }: BtfFloat): string {
  if (size === 4) return 'float';
  return size === 8 ? 'double' : opaque(size);
}

/** The alignment of a scalar of this size when the functions above print it. */
export function scalarAlign(size: number): number {
  return size === 2 || size === 4 || size === 8 || size === 16 ? size : 1;
}

function literal(value: number | bigint): string {
  if (typeof value === 'number') return String(value);
  if (value === -(1n << 63n)) return '(-9223372036854775807LL - 1)';
  if (value < 0n) return `${value}LL`;
  return value > 0x7fff_ffffn ? `${value}ULL` : String(value);
}

/** The machine modes that give an enum another size than its values do. */
const MODES: Readonly<Record<number, string>> = { 1: 'QI', 2: 'HI', 8: 'DI' };

/** Whether C would give the enum more than four bytes because of its values. */
function isWide({ values }: BtfEnum | BtfEnum64): boolean {
  const numbers = values.map(({ value }) => BigInt(value));
  const signed = numbers.some((value) => value < 0n);
  const [low, high] = signed ? [-(1n << 31n), (1n << 31n) - 1n] : [0n, (1n << 32n) - 1n];
  return numbers.some((value) => value < low || value > high);
}

/**
 * The body of an enum, from the opening brace to the attributes.
 *
 * @param declare - gives each enumerator the name it has in C
 */
export function enumBody(
  type: BtfEnum | BtfEnum64,
  indent: string,
  declare: (name: string) => string,
): string {
  const lines = type.values.map(({ name, value }) => `${indent}\t${declare(name)} = ${literal(value)},\n`);
  const mode = type.size === 8 && isWide(type) ? undefined : MODES[type.size];
  const attribute = mode === undefined ? '' : ` __attribute__((mode(${mode})))`;
  return `{\n${lines.join('')}${indent}}${attribute}`;
}
