export type { CoreRelocationKind } from '../../abi/index.ts';
export { BtfExt, type BtfExtParseOptions } from './btf-ext.ts';
export type { CoreRelocation, FunctionInfo, LineInfo, PlacedCoreRelocation } from './types.ts';
