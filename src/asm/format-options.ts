import { checkChoice, checkFunction, rejectUnknownOptions } from '../errors/index.ts';
import type { MapReference } from './instruction.ts';

/** How instructions are printed. */
export interface FormatOptions {
  /**
   * How 64-bit loads of maps and functions print: by `name` as bpftool writes them (`map[counters]`, `subprog[+5]`; the
   * default), or as the `number` they hold, as the verifier log does.
   */
  readonly references?: 'name' | 'number' | undefined;
  /** How a map prints if only its number is known; default `fd:<number>`. */
  readonly mapName?: ((map: Exclude<MapReference, object>) => string) | undefined;
  /** The name of a kernel function by its BTF id; default `kernel-function`. */
  readonly kfuncName?: ((id: number, btfIndex: number) => string | undefined) | undefined;
}

/** @throws TypeError for wrong and unknown options */
export function checkFormatOptions(what: string, options: FormatOptions): void {
  rejectUnknownOptions(what, options, ['references', 'mapName', 'kfuncName']);
  const { references, mapName, kfuncName } = options;
  if (references !== undefined) checkChoice(`${what}: references`, references, ['name', 'number']);
  if (mapName !== undefined) checkFunction(`${what}: mapName`, mapName);
  if (kfuncName !== undefined) checkFunction(`${what}: kfuncName`, kfuncName);
}
