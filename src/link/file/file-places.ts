import { checkOffset } from '../numbers.ts';
import type { Explanations } from '../problems.ts';
import { cText } from '../text.ts';
import { functionOffsets } from './elf-function.ts';
import type { Executable } from './executable/index.ts';

const { statSync } = process.getBuiltinModule('node:fs');

/** A place in a file: a function, an offset from its start, or an offset from the start of the file. */
export interface PlaceInFile {
  readonly function?: string | undefined;
  readonly offset?: number | undefined;
}

/** Checks places, before anything is opened. @throws TypeError, RangeError */
export function checkPlaces(what: string, places: readonly PlaceInFile[]): void {
  for (const { function: name, offset = 0 } of places) {
    if (name !== undefined) cText(`${what}: function`, name);
    checkOffset(what, offset);
    // At offset 0 is the ELF header.
    if (name === undefined && offset === 0) {
      throw new TypeError(`${what}: give a function, or an offset in the file`);
    }
  }
}

/** Finds the offset of each place in the file. Reads the file only once, and only if functions are looked for. */
export function placesInFile({ path, shown }: Executable, places: readonly PlaceInFile[]): number[] {
  const names = new Set(places.flatMap(({ function: name }) => name ?? []));
  const offsets = functionOffsets(path, [...names], shown);
  const starts = new Map([...names].map((name, index) => [name, offsets[index] ?? 0]));
  return places.map(({ function: name, offset = 0 }) => (starts.get(name ?? '') ?? 0) + offset);
}

/** What an errno means for places in a file. */
export function fileProblems(file: Executable, places: readonly number[]): Explanations {
  return {
    ENOENT: 'there is no such file in the mount namespace of this process',
    EINVAL: () => whyNoPlace(file, places),
    EOPNOTSUPP: 'the instruction there cannot be probed: take another offset',
    ENOTSUPP: 'the instruction there cannot be probed: take another offset',
    EIO: 'the instruction there cannot be read: it is outside the file, or the file system does not allow it',
    ESRCH: 'there is no such process',
  };
}

/** Why the kernel takes no probe there, as far as the file's type and size say. */
export function whyNoPlace({ path, shown }: Executable, places: readonly number[]): string | undefined {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isFile()) return `${shown} is not a regular file`;
  const outside = places.find((place) => place >= stat.size);
  if (outside === undefined) return 'no instruction there can be probed, or the file system cannot map files';
  return `offset 0x${outside.toString(16)} is outside the file, which has ${stat.size} bytes`;
}
