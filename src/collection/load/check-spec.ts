import { MAP_FLAGS, progLoadFlagTable } from '../../abi/index.ts';
import type { Instruction } from '../../asm/index.ts';
import { check, checkMembers, didYouMean, maybe, type Rule, rules, seen } from '../../errors/index.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import type { ExternSpec, FunctionSpec, MapSpec, ProgramSpec, VariableSpec } from '../spec/types.ts';

const { string, boolean, object, array, bytes, u32 } = rules;

const PINNING: Rule = {
  wanted: '"none" or "by_name"',
  holds: (value) => value === 'none' || value === 'by_name',
};
const FLAGS: Rule = { wanted: 'an array of names', holds: Array.isArray };
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
  flags: FLAGS,
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
  flags: FLAGS,
  license: string,
  exceptionCallback: maybe(string),
  autoload: boolean,
};

/** The encoder checks the range. */
const NUMBER: Rule = { wanted: 'a number', holds: (value) => typeof value === 'number' };
const VARIABLE: Readonly<Record<keyof VariableSpec, Rule>> = {
  name: string,
  map: string,
  offset: u32,
  size: u32,
  typeId: u32,
  constant: boolean,
};
const EXTERN: Readonly<Record<keyof ExternSpec, Rule>> = {
  name: string,
  kind: {
    wanted: '"kconfig", "variable" or "function"',
    holds: (value) => value === 'kconfig' || value === 'variable' || value === 'function',
  },
  typeId: u32,
  weak: boolean,
  offset: u32,
  size: u32,
};

function checkFlags(what: string, flags: readonly unknown[], kind: string, names: readonly string[]): void {
  for (const flag of flags) {
    if (typeof flag === 'number') check(what, flag, u32);
    else if (!names.includes(flag as string)) {
      throw new TypeError(`${what}: unknown ${kind} ${seen(flag)}${didYouMean(String(flag), names)}`);
    }
  }
}

function checkMap(what: string, map: MapSpec): void {
  checkMembers(what, map, MAP);
  if (map.flags.length > 0) checkFlags(`${what}.flags`, map.flags, 'map flag', MAP_FLAGS);
  const { entries } = map;
  for (let i = 0; i < entries.length; i++) checkMembers(`${what}.entries[${i}]`, entries[i], ENTRY);
  const { inner } = map;
  if (inner === undefined) return;
  checkMembers(`${what}.inner`, inner, MAP);
  if (inner.flags.length > 0) checkFlags(`${what}.inner.flags`, inner.flags, 'map flag', MAP_FLAGS);
}

function checkFunction(what: string, fn: FunctionSpec): void {
  checkMembers(what, fn, FUNCTION);
  const { instructions } = fn;
  for (let i = 0; i < instructions.length; i++) {
    const instruction: unknown = instructions[i];
    if (typeof instruction !== 'object' || instruction === null)
      check(`${what}.instructions[${i}]`, instruction, object);
    const { opcode } = instruction as Instruction;
    if (typeof opcode !== 'number') check(`${what}.instructions[${i}].opcode`, opcode, NUMBER);
  }
}

/** Checks a spec, which its owner may have edited. @throws TypeError, RangeError that name the place */
export function checkSpec({ maps, programs, functions, variables, externs }: CollectionSpec): void {
  for (const name in maps) checkMap(`spec.maps.${name}`, maps[name] as MapSpec);
  for (const name in variables) checkMembers(`spec.variables.${name}`, variables[name], VARIABLE);
  for (const name in externs) checkMembers(`spec.externs.${name}`, externs[name], EXTERN);
  for (const name in functions) checkFunction(`spec.functions.${name}`, functions[name] as FunctionSpec);
  for (const name in programs) {
    const program = programs[name] as ProgramSpec;
    checkFunction(`spec.programs.${name}`, program);
    checkMembers(`spec.programs.${name}`, program, PROGRAM);
    if (program.flags.length > 0) {
      checkFlags(`spec.programs.${name}.flags`, program.flags, 'program flag', progLoadFlagTable.names);
    }
  }
}
