export { type BtfParseOptions, BtfTypes } from './btf-types.ts';
export { BtfBuilder, type BtfBuilderOptions, type BtfModifier, type NewBtfMember } from './builder.ts';
export * from './c/index.ts';
export * from './core/index.ts';
export type { NewBtfType } from './encode.ts';
export * from './ext/index.ts';
export * from './loadable/index.ts';
export { findMember } from './member.ts';
export type { NamePart } from './name-index.ts';
export type {
  BtfArray,
  BtfComposite,
  BtfCompositeOutline,
  BtfDataSection,
  BtfDeclTag,
  BtfEnum,
  BtfEnum64,
  BtfFloat,
  BtfForward,
  BtfFunction,
  BtfFunctionPrototype,
  BtfInt,
  BtfKind,
  BtfMember,
  BtfNamed,
  BtfOutline,
  BtfReference,
  BtfType,
  BtfTypeOf,
  BtfTypeTag,
  BtfVariable,
  BtfVoid,
} from './types.ts';
export { BTF_KINDS, isModifier } from './types.ts';
export { codecOf } from './values/index.ts';
