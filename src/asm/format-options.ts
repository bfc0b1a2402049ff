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
