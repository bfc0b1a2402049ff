import { checkArray, checkInteger, didYouMean, seen, U32 } from '../errors/index.ts';
import type { MapCreateFlag } from './generated/flag-tables.ts';
import { mapCreateFlags } from './generated/flags.ts';

/** A flag for creating a map, by the kernel's name (`BPF_F_...`): `no_prealloc`, `mmapable` and so on. */
export type MapFlag = Exclude<MapCreateFlag, 'numa_node' | 'path_fd' | 'vtype_btf_obj_fd' | 'token_fd'>;

/** Bits that belong to the call, or say that another option is given. */
const NOT_FOR_MAPS: number =
  mapCreateFlags.numa_node |
  mapCreateFlags.path_fd |
  mapCreateFlags.vtype_btf_obj_fd |
  mapCreateFlags.token_fd;

const CREATE_FLAGS = Object.keys(mapCreateFlags) as MapCreateFlag[];

/** Every flag that a map can be created with. */
export const MAP_FLAGS: readonly MapFlag[] = CREATE_FLAGS.filter(
  (name): name is MapFlag => (mapCreateFlags[name] & NOT_FOR_MAPS) === 0,
);

/** No flags. All descriptions without flags share it. */
export const NO_FLAGS: readonly never[] = Object.freeze([]);

/**
 * The bits of flag names.
 *
 * @throws TypeError for an unknown name, and for bits that have an option of their own
 * @throws RangeError for a number that is not a u32
 */
export function mapFlagBits(flags: readonly (MapFlag | number)[]): number {
  checkArray('flags', flags);
  let bits = 0;
  for (const flag of flags) bits |= typeof flag === 'number' ? numbered(flag) : named(flag);
  return bits >>> 0;
}

function named(flag: MapFlag): number {
  if (!MAP_FLAGS.includes(flag)) {
    throw new TypeError(`flags: unknown map flag ${seen(flag)}${didYouMean(String(flag), MAP_FLAGS)}`);
  }
  return mapCreateFlags[flag];
}

function numbered(bits: number): number {
  checkInteger('flags', bits, ...U32);
  if ((bits & NOT_FOR_MAPS) === 0) return bits;
  const wrong = `0x${((bits & NOT_FOR_MAPS) >>> 0).toString(16)}`;
  throw new TypeError(`flags: the bits ${wrong} are set by other options, or by the library`);
}

/** The names of flag bits of a map that can be created. Bits that it cannot have come last, together as one number. */
export function mapFlagNames(bits: number): readonly (MapFlag | number)[] {
  return namesOf(bits, MAP_FLAGS);
}

/** The names of the flags that a map was created with. Bits without a name come last, together as one number. */
export function createFlagNames(bits: number): readonly (MapCreateFlag | number)[] {
  return namesOf(bits, CREATE_FLAGS);
}

/** The bits of such names. A number of any size stays in the sum, as an object file may claim it. */
export function createFlagBits(flags: readonly (MapCreateFlag | number)[]): number {
  let bits = 0;
  for (const flag of flags) bits += typeof flag === 'number' ? flag : mapCreateFlags[flag];
  return bits;
}

function namesOf<N extends MapCreateFlag>(bits: number, known: readonly N[]): readonly (N | number)[] {
  if (bits === 0) return NO_FLAGS;
  // An object file may claim any number. It stays as it is, and the load refuses it.
  if (bits >>> 0 !== bits) return [bits];
  let rest = bits;
  const names: (N | number)[] = [];
  for (const flag of known) {
    if ((rest & mapCreateFlags[flag]) === 0) continue;
    names.push(flag);
    rest &= ~mapCreateFlags[flag];
  }
  if (rest !== 0) names.push(rest >>> 0);
  return names;
}
