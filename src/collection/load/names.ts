import { basename } from 'node:path';
import type { MapSpec } from '../spec/types.ts';

/** What the kernel keeps of a map's name. */
const LONGEST = 15;
/** A data section's own name gets this much room at least. */
const SECTION = '.rodata'.length;

/**
 * The name a map gets in the kernel, as libbpf gives it: of maps the first 15 characters; of data sections the object
 * file's name before the section's, such as `tiny.rodata`, or the section's alone for sections with names of their own.
 */
export function mapName(map: MapSpec, file: string | undefined): string {
  return kernelMapName(map, file)
    .replace(/[^A-Za-z0-9_.]/g, '_')
    .slice(0, LONGEST);
}

function kernelMapName({ name }: MapSpec, file: string | undefined): string {
  if (!name.startsWith('.') || name.includes('.', 1)) return name;
  const object = basename(file ?? '').split('.')[0] ?? '';
  return object.slice(0, LONGEST - Math.min(Math.max(name.length, SECTION), LONGEST)) + name;
}
