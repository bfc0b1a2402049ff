export { encodeAttr, readAttr } from './attr.ts';
export * from './capabilities.ts';
export * from './defined-flag-tables.ts';
export * from './defines.ts';
export { type Flags, type FlagTable, flagBits } from './flag-table.ts';
export * from './generated/attach-types.ts';
export * from './generated/attr.ts';
export * from './generated/commands.ts';
export * from './generated/enums.ts';
export * from './generated/flag-tables.ts';
export * from './generated/flags.ts';
export * from './generated/helper-flags.ts';
export * from './generated/helpers.ts';
export type {
  BpfBtfInfo,
  BpfBtfInfoRequest,
  BpfLinkInfo,
  BpfLinkInfoRequest,
  BpfMapInfo,
  BpfMapInfoRequest,
  BpfProgInfo,
  BpfProgInfoRequest,
  BpfTokenInfo,
} from './generated/info.ts';
export type { IterLinkInfoRequest } from './generated/iter-link-info.ts';
export * from './generated/link-types.ts';
export * from './generated/map-types.ts';
export * from './generated/program-types.ts';
export {
  decodeBtfInfo,
  decodeLinkInfo,
  decodeMapInfo,
  decodeProgInfo,
  decodeTokenInfo,
  encodeInfoRequest,
  INFO_SIZES,
  type InfoRequests,
} from './info.ts';
export { encodeIterLinkInfo } from './iter-link-info.ts';
export type { AddressOf, U64 } from './layout.ts';
export {
  createFlagBits,
  createFlagNames,
  MAP_FLAGS,
  type MapFlag,
  mapFlagBits,
  mapFlagNames,
  NO_FLAGS,
} from './map-flags.ts';
export { type NameTable, type NumberText, nameOrNumber, numberOf } from './name-table.ts';
export { encodePerfEventAttr } from './perf-event.ts';
