import { BpfError, checkOwner } from '../../../errors/index.ts';
import { BpfMap } from '../../../map/index.ts';
import { type Program, rememberedUsdtSpecs, USDT_SPECS } from '../../../program/index.ts';
import { programText } from '../../problems.ts';

/** The kernel keeps the first 15 characters of a name. */
const KERNEL_NAME = USDT_SPECS.slice(0, 15);
const KEY_SIZE = 4;

/** A map of specs, and whether it was opened to be closed again. */
export interface SpecsMap {
  readonly map: BpfMap;
  readonly opened: boolean;
}

function check(map: BpfMap, program: Program): BpfMap {
  if (map.type === 'array' && map.keySize === KEY_SIZE) return map;
  throw new BpfError(
    `Cannot attach ${programText(program)} to a USDT probe: map "${map.name}" (${map.type}) is not a map of specs: ` +
      `give the one that the object calls ${USDT_SPECS}`,
    { code: 'ERR_BPF_USDT_SPECS' },
  );
}

/** Looks through the maps that the program uses. Their ids need no right, but opening them does. */
function search(program: Program): SpecsMap | undefined {
  for (const id of program.info().mapIds) {
    let map: BpfMap;
    try {
      map = BpfMap.fromId(id);
    } catch (cause) {
      if (!BpfError.is(cause)) throw cause;
      throw new BpfError(
        `Cannot find the map ${USDT_SPECS} among the maps of ${programText(program)}: ${cause.message}: give it in ` +
          "the option specs, or specs: 'none' if the program reads no arguments",
        { code: cause.code, cause },
      );
    }
    if (map.name === KERNEL_NAME && map.type === 'array') return { map, opened: true };
    map.close();
  }
  return undefined;
}

/**
 * The map that tells a program where the arguments of USDT probes are. Undefined if the program has none, so that it
 * cannot read arguments.
 *
 * @throws BpfError `ERR_BPF_USDT_SPECS` for another map; `EPERM` if the program's maps may not be opened
 */
export function specsMap(
  what: string,
  program: Program,
  given: BpfMap | 'none' | undefined,
): SpecsMap | undefined {
  if (given === 'none') return undefined;
  if (given !== undefined) {
    checkOwner(`${what}: specs`, given, 'a BpfMap');
    return { map: check(given, program), opened: false };
  }
  const known = rememberedUsdtSpecs(program);
  if (known === undefined) return search(program);
  return known === null ? undefined : { map: check(known, program), opened: false };
}
