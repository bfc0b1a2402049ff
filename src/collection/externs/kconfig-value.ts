import type { BtfType, BtfTypes } from '../../btf/index.ts';
import { HOST_LITTLE_ENDIAN } from '../../bytes/index.ts';

/** A value of the kernel's configuration, as in its files (`y`, `m`, `n`, `250`, `"text"`) or as a plain value. */
export type KconfigValue = string | number | bigint | boolean;

/** Where a value goes. */
export interface KconfigPlace {
  readonly types: BtfTypes;
  readonly typeId: number;
  readonly bytes: Uint8Array;
}

/** `enum libbpf_tristate` of bpf_helpers.h. */
const TRISTATE: Readonly<Record<string, number>> = { n: 0, y: 1, m: 2 };

/** Writes a value as its type. @throws TypeError if the type cannot hold it; RangeError for a number out of range */
export function writeKconfig({ types, typeId, bytes }: KconfigPlace, value: KconfigValue): void {
  const type = types.resolve(typeId);
  const text = typeof value === 'boolean' ? (value ? 'y' : 'n') : String(value);
  if (text in TRISTATE) writeTristate(type, bytes, text);
  else if (type.kind === 'array') writeString(types.resolve(type.type), bytes, text);
  else writeNumber(type, bytes, text);
}

function writeTristate(type: BtfType, bytes: Uint8Array, text: string): void {
  const number = TRISTATE[text] ?? 0;
  if (type.kind === 'enum' && type.name === 'libbpf_tristate') put(bytes, BigInt(number));
  else if (isCharacter(type)) bytes[0] = text.charCodeAt(0);
  else if (type.kind === 'int' && type.encoding === 'bool' && text !== 'm') put(bytes, BigInt(number));
  else throw new TypeError(`its value is ${text}, but it is declared as ${describe(type)}`);
}

function isCharacter(type: BtfType): boolean {
  return type.kind === 'int' && type.size === 1 && type.encoding !== 'bool';
}

function writeString(element: BtfType, bytes: Uint8Array, text: string): void {
  if (!isCharacter(element)) throw new TypeError(`it is declared as an array of ${describe(element)}`);
  const plain = /^"(.*)"$/s.exec(text)?.[1] ?? text;
  const encoded = new TextEncoder().encode(plain.replace(/\\(.)/gs, '$1'));
  // As in libbpf: a string that is too long is cut off, and ends with NUL.
  bytes.fill(0).set(encoded.subarray(0, bytes.length - 1));
}

function writeNumber(type: BtfType, bytes: Uint8Array, text: string): void {
  // As in libbpf: a number may also stand for a character, and 0 and 1 for a boolean.
  if (text.startsWith('"') || type.kind !== 'int' || (type.encoding === 'bool' && !/^[01]$/.test(text))) {
    throw new TypeError(`its value is ${text}, but it is declared as ${describe(type)}`);
  }
  if (!/^-?(0x[0-9a-f]+|\d+)$/i.test(text))
    throw new TypeError(`its value ${JSON.stringify(text)} is not a number`);
  const magnitude = BigInt(text.replace('-', ''));
  const number = text.startsWith('-') ? -magnitude : magnitude;
  const bits = bytes.length * 8;
  // Numbers of 64 bits may be written with or without a sign: the configuration contains addresses.
  const signed = type.encoding === 'signed' || bits === 64 ? BigInt.asIntN(bits, number) : undefined;
  const unsigned = type.encoding !== 'signed' || bits === 64 ? BigInt.asUintN(bits, number) : undefined;
  if (signed !== number && unsigned !== number)
    throw new RangeError(`its value ${text} does not fit ${describe(type)}`);
  put(bytes, number);
}

function put(bytes: Uint8Array, value: bigint): void {
  let rest = BigInt.asUintN(bytes.length * 8, value);
  for (let i = 0; i < bytes.length; i++) {
    bytes[HOST_LITTLE_ENDIAN ? i : bytes.length - 1 - i] = Number(rest & 0xffn);
    rest >>= 8n;
  }
}

function describe(type: BtfType): string {
  return type.kind === 'int' ? `${type.name} (${type.size} bytes)` : `${type.kind} ${type.name}`.trim();
}
