import {
  BtfBuilder,
  BtfTypes,
  codecOf,
  loadableBtf,
  printTypesAsC,
  SANITISING_STEPS,
} from '../../../src/btf/index.ts';
import { FormatError } from '../../../src/errors/index.ts';
import { exhaust } from '../../btf/exhaust.ts';
import { kernelSlice, objects, sectionOf } from '../fixtures.ts';
import { mutateBtf } from '../mutate/btf.ts';
import { type Target, tolerate } from '../target.ts';

const EMPTY = new Uint8Array(0);
/** The size of the largest values to make, in bytes. */
const VALUE = 4096;

function decodeAll(types: BtfTypes): void {
  const zeros = new DataView(new ArrayBuffer(VALUE));
  const written = new DataView(new ArrayBuffer(VALUE));
  for (let id = 1; id <= types.count; id++) {
    const codec = tolerate(() => codecOf(types, id), FormatError);
    if (codec === undefined || codec.size > VALUE) continue;
    codec.encode(written, 0, codec.decode(zeros, 0));
  }
}

/** Copies some of the types, and merges equal ones. */
function rebuild(types: BtfTypes, base: BtfTypes | undefined): void {
  const builder = new BtfBuilder({ base });
  const step = Math.max(1, Math.floor(types.count / 8));
  for (let id = 1; id <= types.count; id += step) tolerate(() => builder.import(types, id), FormatError);
  builder.dedup();
  BtfTypes.parse(builder.encode(), base === undefined ? {} : { base });
}

/** A blob, on its own or as the continuation of another one. */
export const btf: Target = {
  name: 'btf',
  seeds: () => {
    const blobs = [...objects().values()].map((object) => sectionOf(object, '.BTF'));
    const kernel = [kernelSlice(200), kernelSlice(60, false)].filter((blob) => blob !== undefined);
    // The base is read again for each input, so a small one is enough.
    const base = sectionOf([...objects(/^tiny\.el/).values()][0] ?? EMPTY, '.BTF');
    return [...blobs, ...kernel].map((blob, i) => [blob, i % 4 === 0 ? base : EMPTY]);
  },
  mutate: ([blob = EMPTY, base = EMPTY], next) => [
    mutateBtf(blob, next),
    next(4) === 0 && base.length > 0 ? mutateBtf(base, next) : base,
  ],
  run: ([blob = EMPTY, base = EMPTY]) => {
    const below = tolerate(() => (base.length === 0 ? undefined : BtfTypes.parse(base)), FormatError);
    const types = exhaust(blob, below === undefined ? {} : { base: below });
    if (types === undefined) return undefined;
    tolerate(() => [...printTypesAsC(types)], FormatError);
    decodeAll(types);
    tolerate(() => rebuild(types, below), FormatError);
    if (below === undefined) {
      for (const lacks of [[], SANITISING_STEPS.at(-1) ?? []]) {
        tolerate(() => loadableBtf(types, { lacks }), FormatError);
      }
    }
    return types;
  },
};
