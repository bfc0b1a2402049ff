import type { BpfMap } from '../map/index.ts';
import type { Program } from './program.ts';

/** The map of specs of the programs of collections; null if their collection has none. */
const known = new WeakMap<Program, BpfMap | null>();

/** The name of the map that tells programs where the arguments of USDT probes are (libbpf's usdt.bpf.h). */
export const USDT_SPECS = '__bpf_usdt_specs';

/** Remembers the map of specs that a program's collection has, so that attaching needs no option for it. */
export function rememberUsdtSpecs(program: Program, map: BpfMap | undefined): void {
  known.set(program, map ?? null);
}

/** The map of specs of a program's collection; null if it has none, undefined if the program is of no collection. */
export function rememberedUsdtSpecs(program: Program): BpfMap | null | undefined {
  return known.get(program);
}
