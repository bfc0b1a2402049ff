import { type UsdtProbe, usdtProbes } from '../../../elf/index.ts';
import { BpfError, didYouMean } from '../../../errors/index.ts';
import { type ElfSymbols, withElfSymbols } from '../elf-symbols.ts';
import type { Executable } from '../executable/index.ts';
import { locateArguments, type UsdtLocation } from './locations.ts';
import { checkMachine } from './registers.ts';

/** One place of a probe. */
export interface UsdtPlaceInFile {
  /** Where its instruction is in the file. */
  readonly offset: number;
  /** Where its semaphore is in the file; 0 if it has none. */
  readonly semaphoreOffset: number;
  /** Reads where the arguments are. @throws BpfError `ERR_BPF_USDT_ARGUMENT` */
  readonly locations: readonly UsdtLocation[];
}

/** A message lists at most this many probes. */
const LISTED = 8;

const fullName = ({ provider, name }: Pick<UsdtProbe, 'provider' | 'name'>): string => `${provider}:${name}`;

function noProbe(
  wanted: string,
  probes: readonly UsdtProbe[],
  { dynamic }: ElfSymbols,
  path: string,
): BpfError {
  const names = [...new Set(probes.map(fullName))];
  let why = `${didYouMean(wanted, names)}: it has ${names.slice(0, LISTED).join(', ')}`;
  if (names.length > LISTED) why += ` and ${names.length - LISTED} more`;
  if (names.length === 0) {
    why =
      dynamic.sections.length === 0
        ? ': it has no section headers, which say where probes are described'
        : ': it has no USDT probes: it was built without them, or is a script or a launcher of the program that has them';
  }
  return new BpfError(`Cannot find USDT probe "${wanted}" in ${path}${why}`, { code: 'ERR_BPF_NO_USDT' });
}

function outside(wanted: string, part: string, address: number, path: string): BpfError {
  return new BpfError(
    `Cannot find USDT probe "${wanted}" in ${path}: the address of its ${part}, 0x${address.toString(16)}, is not in ` +
      'a part of the file that is mapped for it: it is not a program or library, or a file of debug information',
    { code: 'ERR_BPF_NO_USDT' },
  );
}

/**
 * Finds all places of a USDT probe in a program or library.
 *
 * @param withArguments - whether to find where the arguments are
 * @throws BpfError `ERR_BPF_NO_USDT` if the file has no such probe, `ERR_BPF_USDT_ARGUMENT` if programs cannot read an
 *   argument of it; the file system's codes; FormatError
 */
export function findProbe(
  { path, shown }: Executable,
  provider: string,
  name: string,
  withArguments: boolean,
): UsdtPlaceInFile[] {
  return withElfSymbols(
    path,
    (symbols) => {
      const { dynamic: elf } = symbols;
      const probes = usdtProbes(elf);
      const wanted = fullName({ provider, name });
      const found = probes.filter((probe) => probe.provider === provider && probe.name === name);
      if (found.length === 0) throw noProbe(wanted, probes, symbols, shown);
      if (withArguments) checkMachine(elf.machine, elf.littleEndian, shown);
      return found.map((probe) => {
        const { offset, address, semaphore, semaphoreOffset = 0 } = probe;
        if (offset === undefined) throw outside(wanted, 'instruction', address, shown);
        if (semaphore !== 0 && semaphoreOffset === 0) throw outside(wanted, 'semaphore', semaphore, shown);
        const locations = withArguments ? locateArguments(probe, elf.machine, () => symbols.all) : [];
        return { offset, semaphoreOffset, locations };
      });
    },
    shown,
  );
}
