import { BtfExt, BtfTypes } from '../../../src/btf/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import { objects, sectionOf } from '../fixtures.ts';
import { mutateBtf } from '../mutate/btf.ts';
import { mutateBytes } from '../mutate/bytes.ts';
import { type Target, tolerate } from '../target.ts';

const EMPTY = new Uint8Array(0);

/** A `.BTF.ext` section, and the `.BTF` section it refers to. */
export const btfExt: Target = {
  name: 'btf-ext',
  seeds: () =>
    [...objects().values()].map((object) => [sectionOf(object, '.BTF.ext'), sectionOf(object, '.BTF')]),
  mutate: ([ext = EMPTY, types = EMPTY], next) => [
    mutateBytes(ext, next),
    next(4) === 0 ? mutateBtf(types, next) : types,
  ],
  run: ([ext = EMPTY, types = EMPTY]) =>
    tolerate(() => {
      const parsed = BtfExt.parse(ext, BtfTypes.parse(types));
      for (const section of parsed.sections) {
        tolerate(() => parsed.functions(section), FormatError);
        tolerate(() => parsed.relocations(section), FormatError);
        const lines = tolerate(() => parsed.lines(section), FormatError) ?? [];
        for (const line of lines) tolerate(() => JSON.stringify(line), FormatError);
      }
      return parsed;
    }, FormatError),
};
