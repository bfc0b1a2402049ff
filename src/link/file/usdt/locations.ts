import { type ElfFile, parseUsdtArguments, type UsdtArgument, type UsdtProbe } from '../../../elf/index.ts';
import { BpfError, didYouMean } from '../../../errors/index.ts';
import { PROGRAM_COUNTER, registerOffset } from './registers.ts';

/** Where a program finds an argument. Registers are offsets in `struct pt_regs`. */
export interface UsdtLocation {
  readonly size: number;
  readonly signed: boolean;
  readonly place:
    | { readonly kind: 'constant'; readonly value: bigint }
    | { readonly kind: 'register'; readonly register: number }
    | {
        readonly kind: 'memory';
        readonly register: number;
        readonly index: number | undefined;
        readonly scale: number;
        readonly offset: bigint;
      };
}

/**
 * The address of a variable, without the load address.
 *
 * @throws BpfError `ERR_BPF_USDT_ARGUMENT` if the file does not have this variable, or several of that name
 */
function addressOf(elf: ElfFile, symbol: string): number {
  const found = new Set<number>();
  const names: string[] = [];
  for (const symbols of [elf.dynamicSymbols, elf.symbols]) {
    for (const { name, value, sectionIndex, type } of symbols) {
      if (sectionIndex === 0 || type === 'file' || type === 'section') continue;
      names.push(name);
      if (name === symbol) found.add(value);
    }
  }
  const [address, second] = found;
  if (address !== undefined && second === undefined) return address;
  const why =
    address === undefined
      ? `the file has no such symbol${names.length === 0 ? ': it was stripped' : didYouMean(symbol, names.slice(0, 20_000))}`
      : `the file has ${found.size} symbols of this name`;
  throw new BpfError(`Cannot find the variable "${symbol}", an argument of a USDT probe: ${why}`, {
    code: 'ERR_BPF_USDT_ARGUMENT',
  });
}

function locate({ size, signed, place }: UsdtArgument, probe: UsdtProbe, elf: () => ElfFile): UsdtLocation {
  switch (place.kind) {
    case 'constant':
      return { size, signed, place };
    case 'register':
      return { size, signed, place: { kind: 'register', register: registerOffset(place.register) } };
    case 'memory': {
      const { scale, offset } = place;
      const register = registerOffset(place.base);
      const index = place.index === undefined ? undefined : registerOffset(place.index);
      return { size, signed, place: { kind: 'memory', register, index, scale, offset } };
    }
    case 'variable': {
      // The program is at the probe when the argument is read, wherever the file was loaded.
      const distance = BigInt(addressOf(elf(), place.symbol)) + place.offset - BigInt(probe.address);
      const register = registerOffset(PROGRAM_COUNTER);
      return {
        size,
        signed,
        place: { kind: 'memory', register, index: undefined, scale: 1, offset: distance },
      };
    }
  }
}

/**
 * Where a program finds the arguments of a probe.
 *
 * @param elf - the file with all its symbols, which only the names of variables need
 * @throws BpfError `ERR_BPF_USDT_ARGUMENT` for arguments that programs cannot read
 */
export function locateArguments(probe: UsdtProbe, machine: number, elf: () => ElfFile): UsdtLocation[] {
  return parseUsdtArguments(probe.arguments, machine).map((argument) => locate(argument, probe, elf));
}
