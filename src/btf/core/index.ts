export { describeType } from './describe.ts';
export { essentialName } from './names.ts';
export { CoreRelocator, type CoreRelocatorOptions, type CoreResolution } from './relocator.ts';
export { typeProblem } from './type-problem.ts';
