import { plainName } from '../../sys/index.ts';
import type { MapSpec } from '../spec/types.ts';

const { basename } = process.getBuiltinModule('node:path');

/** What the kernel keeps of a map's name; data sections make the most of it. */
const LONGEST = 15;
/** A data section's own name gets this much room at least. */
const SECTION = '.rodata'.length;

/**
 * The name a map gets, as libbpf gives it: of maps their own, of which the kernel keeps 15 characters; of data sections the object
 * file's name before the section's, such as `tiny.rodata`, or the section's alone for sections with names of their own.
 */
export function mapName(map: MapSpec, file: string | undefined): string {
  return plainName(kernelMapName(map, file));
}

function kernelMapName({ name }: MapSpec, file: string | undefined): string {
  if (!name.startsWith('.') || name.includes('.', 1)) return name;
  const object = basename(file ?? '').split('.')[0] ?? '';
  return object.slice(0, LONGEST - Math.min(Math.max(name.length, SECTION), LONGEST)) + name;
}
