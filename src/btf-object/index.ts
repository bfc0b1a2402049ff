export { Btf, type BtfInfo, type BtfLoadOptions, type BtfOpenOptions, type BtfSource } from './btf.ts';
export { functionIdInBtf, functionNamesInBtf } from './function-id.ts';
export { openModuleBtf } from './module-btf.ts';
