export { Btf, type BtfInfo, type BtfLoadOptions, type BtfOpenOptions, type BtfSource } from './btf.ts';
export { openModuleBtf } from './module-btf.ts';
