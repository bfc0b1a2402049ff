import type { MapType } from '../abi/index.ts';
import {
  checkArray,
  checkInteger,
  checkIntegers,
  checkObject,
  checkOwner,
  U32,
  wrongType,
} from '../errors/index.ts';
import type { MapOptions } from './options.ts';

/** @throws TypeError for what cannot be a codec */
export function checkCodec(what: string, value: unknown): void {
  const { size, encode, decode } = (value ?? {}) as { size?: unknown; encode?: unknown; decode?: unknown };
  if (typeof size === 'number' && typeof encode === 'function' && typeof decode === 'function') return;
  throw wrongType(what, 'a codec, such as u32 or struct({ … })', value);
}

/** {@link checkCodec} for each of these that is given. */
export function checkCodecs(what: string, options: object, names: readonly string[]): void {
  for (const name of names) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) checkCodec(`${what}: ${name}`, value);
  }
}

const LIMITS = { numaNode: U32, ifindex: U32, kernelValueType: U32 };

/** Checks the options of a map that hold codecs, numbers and descriptors. @throws TypeError, RangeError */
export function checkValues(options: MapOptions<MapType, unknown, unknown, unknown>): void {
  const what = 'BpfMap.create';
  checkCodecs(what, options, ['key', 'value', 'records']);
  checkIntegers(what, options, LIMITS);
  if (options.flags !== undefined) checkArray(`${what}: flags`, options.flags);
  const { btf, extra, kernelValueBtf } = options;
  if (typeof extra === 'bigint') {
    if (BigInt.asUintN(64, extra) !== extra) {
      throw new RangeError(`${what}: extra must be an integer from 0 to 2^64 - 1, got ${extra}n`);
    }
  } else if (extra !== undefined) checkInteger(`${what}: extra`, extra, 0, Number.MAX_SAFE_INTEGER);
  if (kernelValueBtf !== undefined) checkOwner(`${what}: kernelValueBtf`, kernelValueBtf, 'a Btf');
  if (btf === undefined) return;
  checkObject(`${what}: btf`, btf);
  checkOwner(`${what}: btf`, btf, 'a Btf');
  checkIntegers(`${what}: btf`, btf, { key: U32, value: U32 });
}
