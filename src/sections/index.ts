/** Names of program sections, as written in `SEC("...")`. */
export { nearSectionNames, type ParsedSection, parseSectionName } from './parse.ts';
export { type SectionKind, type SectionTail, sectionKinds } from './table.ts';
export { parseUsdtTarget, type UsdtTarget } from './usdt-target.ts';
