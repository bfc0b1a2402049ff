import { check, checkMembers, maybe, type Rule, rules } from '../../errors/index.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import type { FunctionSpec, MapSpec, ProgramSpec } from '../spec/types.ts';

const { string, boolean, object, array, bytes, u32 } = rules;

const PINNING: Rule = {
  wanted: '"none" or "by_name"',
  holds: (value) => value === 'none' || value === 'by_name',
};
const U64: Rule = {
  wanted: 'a bigint from 0n to 18446744073709551615n',
  holds: (value) => typeof value === 'bigint' && BigInt.asUintN(64, value) === value,
};
const MAP: Readonly<Record<keyof MapSpec, Rule>> = {
  name: string,
  section: string,
  type: string,
  keySize: u32,
  valueSize: u32,
  maxEntries: u32,
  flags: u32,
  mapExtra: U64,
  numaNode: maybe(u32),
  pinning: PINNING,
  keyTypeId: u32,
  valueTypeId: u32,
  inner: maybe(object),
  entries: array,
  contents: maybe(bytes),
  frozen: boolean,
  structOps: maybe(object),
};
const ENTRY = { key: u32, map: maybe(string), program: maybe(string) };
const FUNCTION = { name: string, typeId: u32, instructions: array };
const PROGRAM: Readonly<Partial<Record<keyof ProgramSpec, Rule>>> = {
  section: string,
  type: maybe(string),
  attachType: maybe(string),
  attachTo: maybe(string),
  flags: u32,
  license: string,
  exceptionCallback: maybe(string),
  autoload: boolean,
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
      check(`${what}.instructions[${i}]`, instruction, object);
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
