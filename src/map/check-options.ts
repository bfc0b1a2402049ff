import { type MapType, mapTypes } from '../abi/index.ts';
import { checkCodecs } from '../bytes/codec/index.ts';
import {
  checkArray,
  checkInteger,
  checkIntegers,
  checkObject,
  checkOwner,
  rejectUnknownOptions,
  U32,
} from '../errors/index.ts';
import { kernelName } from '../sys/index.ts';
import { WITH_RECORDS } from './families.ts';
import type { MapOptions } from './options.ts';

const OPTION_NAMES: readonly (keyof MapOptions<MapType, unknown, unknown, unknown>)[] = [
  'type',
  'name',
  'key',
  'value',
  'records',
  'maxEntries',
  'flags',
  'numaNode',
  'extra',
  'ifindex',
  'btf',
  'kernelValueType',
  'kernelValueBtf',
  'token',
];

const LIMITS = { numaNode: U32, ifindex: U32, kernelValueType: U32 };

/** Checks the options of a map that hold codecs, numbers and descriptors. @throws TypeError, RangeError */
function checkValues(options: MapOptions<MapType, unknown, unknown, unknown>): void {
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

/** Checks everything that can be checked without the kernel. @throws TypeError, RangeError */
export function checkOptions(options: MapOptions<MapType, unknown, unknown, unknown>): void {
  rejectUnknownOptions('BpfMap.create', options, OPTION_NAMES);
  mapTypes.number(options.type);
  const { name = '', maxEntries = 0 } = options;
  kernelName('BpfMap.create', name);
  checkValues(options);
  if (options.records !== undefined && !WITH_RECORDS.has(options.type)) {
    throw new TypeError(`BpfMap.create: maps of type ${options.type} hold no records`);
  }
  if (typeof maxEntries !== 'number') {
    throw new TypeError(`BpfMap.create: maxEntries must be a number, got ${typeof maxEntries}`);
  }
  if (maxEntries >>> 0 !== maxEntries) {
    throw new RangeError(`BpfMap.create: maxEntries ${maxEntries} is not a u32 (0 to 4294967295)`);
  }
}
