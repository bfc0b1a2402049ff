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
import { MAP_OF_MAPS, WITH_RECORDS } from './families.ts';
import type { MapOptions } from './options.ts';

/** All options for creating a map. */
export type AnyCreateOptions = MapOptions<MapType, unknown, unknown, unknown> & {
  /** For a map of maps: a map, or options. */
  readonly inner?: unknown;
};

const OPTION_NAMES: readonly (keyof AnyCreateOptions)[] = [
  'type',
  'name',
  'key',
  'value',
  'records',
  'inner',
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

/** Maps of maps need `inner`, which stands for their values, and no other map takes it. @throws TypeError */
function checkInner({ type, value, records, inner }: AnyCreateOptions): void {
  const what = `BpfMap.create: maps of type ${type}`;
  if (!MAP_OF_MAPS.has(type)) {
    if (inner === undefined) return;
    throw new TypeError(`${what} hold no maps: inner is for maps of type array_of_maps and hash_of_maps`);
  }
  if (inner === undefined) {
    throw new TypeError(`${what} need inner: a map like those that they will hold, or its options`);
  }
  checkObject('BpfMap.create: inner', inner);
  if (value !== undefined) throw new TypeError(`${what} take no value: inner says what their values are`);
  if (records !== undefined) throw new TypeError(`${what} hold no records`);
}

/** Checks everything that can be checked without the kernel. @throws TypeError, RangeError */
export function checkOptions(options: AnyCreateOptions): void {
  rejectUnknownOptions('BpfMap.create', options, OPTION_NAMES);
  mapTypes.number(options.type);
  const { name = '', maxEntries = 0 } = options;
  kernelName('BpfMap.create', name);
  checkInner(options);
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
