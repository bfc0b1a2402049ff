import {
  check,
  checkEach,
  checkMembers,
  didYouMean,
  maybe,
  ownsDescriptor,
  type Rule,
  rejectUnknownOptions,
  rules,
} from '../../errors/index.ts';
import { checkLogOptions } from '../../verifier-log/index.ts';
import type { CollectionSpec } from '../spec/collection-spec.ts';
import type { CollectionOptions } from './options.ts';

const PROGRAMS: Rule = {
  wanted: '"all" or an array of names',
  holds: (value) => value === 'all' || (Array.isArray(value) && value.every(rules.string.holds)),
};
const TYPES: Rule = {
  wanted: 'a BtfTypes',
  holds: (value) => rules.object.holds(value) && typeof (value as { byName?: unknown }).byName === 'function',
};
const KCONFIG: Rule = {
  wanted: 'a string, a number, a bigint or a boolean',
  holds: (value) => ['string', 'number', 'bigint', 'boolean', 'undefined'].includes(typeof value),
};

/** The rule for objects that own a descriptor and have `info`, such as maps and programs. */
function holder(wanted: string): Rule {
  return { wanted, holds: (value) => ownsDescriptor(value) && 'info' in value };
}

const TARGET = { program: holder('a Program'), function: maybe(rules.string) };

const KNOWN: readonly (keyof CollectionOptions)[] = [
  'token',
  'programs',
  'maps',
  'variables',
  'kconfig',
  'pinPath',
  'targetBtf',
  'targets',
  'logLevel',
  'logSize',
];

/** @throws TypeError for an unknown option; TypeError, RangeError for a wrong value */
export function checkOptions(options: CollectionOptions): void {
  check('Collection.load: options', options, rules.object);
  rejectUnknownOptions('Collection.load', options, KNOWN);
  checkValues('Collection.load', options);
}

/** Checks the values of options as far as it can without the object. @throws TypeError, RangeError */
function checkValues(what: string, options: CollectionOptions): void {
  const { programs, maps, variables, kconfig, pinPath, targetBtf, targets } = options;
  const name = (option: keyof CollectionOptions): string => `${what}: ${option}`;
  if (programs !== undefined) check(name('programs'), programs, PROGRAMS);
  if (maps !== undefined) check(name('maps'), maps, rules.object);
  if (variables !== undefined) check(name('variables'), variables, rules.object);
  if (kconfig !== undefined) checkEach(name('kconfig'), kconfig, KCONFIG);
  if (pinPath !== undefined) check(name('pinPath'), pinPath, rules.path);
  if (targetBtf !== undefined) check(name('targetBtf'), targetBtf, TYPES);
  if (targets !== undefined) {
    check(name('targets'), targets, rules.object);
    for (const [program, target] of Object.entries(targets)) {
      if (target === undefined) continue;
      checkMembers(`${name('targets')}.${program}`, target, TARGET);
      rejectUnknownOptions(`${name('targets')}.${program}`, target, Object.keys(TARGET));
    }
  }
  checkLogOptions(what, options);
}

const MAP = maybe(holder('a BpfMap'));

/** Checks that the object has what options name, and that given maps are maps. @throws TypeError, with near names */
export function checkNames(
  what: string,
  spec: CollectionSpec,
  { maps = {}, kconfig = {}, targets = {} }: CollectionOptions,
): void {
  for (const [name, map] of Object.entries(maps)) {
    if (!(name in spec.maps))
      throw missing(`Cannot replace map "${name}"`, 'map', name, Object.keys(spec.maps));
    check(`${what}: maps.${name}`, map, MAP);
  }
  for (const name of Object.keys(targets)) {
    if (name in spec.programs) continue;
    throw missing(`Cannot give program "${name}" a target`, 'program', name, Object.keys(spec.programs));
  }
  for (const name of Object.keys(kconfig)) {
    if (spec.externs[name]?.kind === 'kconfig') continue;
    const known = Object.values(spec.externs).filter(({ kind }) => kind === 'kconfig');
    const names = known.map((extern) => extern.name);
    throw missing(`${what}: kconfig: configuration value "${name}"`, 'value', name, names);
  }
}

function missing(action: string, kind: string, name: string, known: readonly string[]): TypeError {
  return new TypeError(`${action}: the object has no ${kind} of that name${didYouMean(name, known)}`);
}
