import { disassemble } from '../../../src/asm/index.ts';
import { CollectionSpec } from '../../../src/collection/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import { findObjects } from '../../outside/embedded.ts';
import { outsideFolder } from '../../outside/packages.ts';
import { objects } from '../fixtures.ts';
import { mutateElf } from '../mutate/elf.ts';
import { type Target, tolerate } from '../target.ts';

const EMPTY = new Uint8Array(0);

/** The smallest objects that other people wrote, if there are any in the cache. */
function smallOutside(): Uint8Array[] {
  const { folder } = outsideFolder();
  if (folder === undefined) return [];
  const all = findObjects(folder).map(({ bytes }) => bytes);
  return all.sort((a, b) => a.length - b.length).slice(0, 60);
}

/** An object file as a whole. */
export const spec: Target = {
  name: 'spec',
  // Leaves out objects that are refused even when undamaged: damage to them finds nothing.
  seeds: () => [...objects(/^(?!common\.)/).values(), ...smallOutside()].map((object) => [object]),
  mutate: ([file = EMPTY], next) => [mutateElf(file, next)],
  run: ([file = EMPTY]) =>
    tolerate(() => {
      const read = CollectionSpec.parse(file);
      for (const { instructions } of Object.values(read.programs)) disassemble(instructions);
      for (const { map, offset } of read.unsetPointers) {
        if (offset >= (read.maps[map]?.valueSize || (read.maps[map]?.contents?.length ?? 0)))
          throw new Error(`a pointer beyond ${map}`);
      }
      return read;
    }, FormatError),
};
