import type { CollectionSpec } from '../spec/collection-spec.ts';
import type { FunctionSpec, MapSpec, ProgramSpec } from '../spec/types.ts';
import { BYTES, check, checkMembers, LIST, maybe, OBJECT, type Rule, TEXT, TRUTH, U32 } from './checks.ts';

const PINNING: Rule = {
  wanted: '"none" or "by_name"',
  holds: (value) => value === 'none' || value === 'by_name',
};
const U64: Rule = {
  wanted: 'a bigint from 0n to 18446744073709551615n',
  holds: (value) => typeof value === 'bigint' && BigInt.asUintN(64, value) === value,
};
const MAP: Readonly<Record<keyof MapSpec, Rule>> = {
  ...{ name: TEXT, section: TEXT, type: TEXT, keySize: U32, valueSize: U32, maxEntries: U32, flags: U32 },
  ...{ mapExtra: U64, numaNode: maybe(U32), pinning: PINNING, keyTypeId: U32, valueTypeId: U32 },
  ...{ inner: maybe(OBJECT), entries: LIST, contents: maybe(BYTES), frozen: TRUTH, structOps: maybe(OBJECT) },
};
const ENTRY = { key: U32, map: maybe(TEXT), program: maybe(TEXT) };
const FUNCTION = { name: TEXT, typeId: U32, instructions: LIST };
const PROGRAM: Readonly<Partial<Record<keyof ProgramSpec, Rule>>> = {
  ...{ section: TEXT, type: maybe(TEXT), attachType: maybe(TEXT), attachTo: maybe(TEXT), flags: U32 },
  ...{ license: TEXT, exceptionCallback: maybe(TEXT), autoload: TRUTH },
};

function checkMap(what: string, map: MapSpec): void {
  checkMembers(what, map, MAP);
  const { entries } = map;
  for (let i = 0; i < entries.length; i++) checkMembers(`${what}.entries[${i}]`, entries[i], ENTRY);
  if (map.inner !== undefined) checkMembers(`${what}.inner`, map.inner, MAP);
}

function checkFunction(what: string, fn: FunctionSpec): void {
  checkMembers(what, fn, FUNCTION);
  const { instructions } = fn;
  for (let i = 0; i < instructions.length; i++) {
    const instruction: unknown = instructions[i];
    if (typeof instruction !== 'object' || instruction === null)
      check(`${what}.instructions[${i}]`, instruction, OBJECT);
  }
}

/** Checks a spec, which its owner may have edited. @throws TypeError, RangeError that name the place */
export function checkSpec({ maps, programs, functions }: CollectionSpec): void {
  for (const name in maps) checkMap(`spec.maps.${name}`, maps[name] as MapSpec);
  for (const name in functions) checkFunction(`spec.functions.${name}`, functions[name] as FunctionSpec);
  for (const name in programs) {
    const program = programs[name] as ProgramSpec;
    checkFunction(`spec.programs.${name}`, program);
    checkMembers(`spec.programs.${name}`, program, PROGRAM);
  }
}
