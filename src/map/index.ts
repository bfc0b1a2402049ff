export { BpfMap, type MmapOptions } from './bpf-map.ts';
export type { RawResult, RawTarget } from './bulk.ts';
export { checkCodecs } from './check-values.ts';
export type { ReadOptions, WriteOptions } from './element-map.ts';
export { entriesFor } from './facts.ts';
export {
  INDEXED,
  type MapOfMapsType,
  type PerCpuMapType,
  STORAGE,
  type StorageMapType,
} from './families.ts';
export type { MapInfo } from './info.ts';
export type { MapOfMapsOptions } from './inner-maps.ts';
export type { MappedValues } from './mapped-values.ts';
export type { OpenOptions } from './open.ts';
export { flagBits, flagNames, type MapBtf, type MapFlag, type MapOptions, type ValueOf } from './options.ts';
export type { PushOptions } from './queue-map.ts';
export { type Reference, reference } from './reference.ts';
