export { essentialName } from './names.ts';
export { CoreRelocator, type CoreRelocatorOptions, type CoreResolution } from './relocator.ts';
