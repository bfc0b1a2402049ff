import { BpfError } from '../../../errors/index.ts';
import type { UsdtLocation } from './locations.ts';

/** `BPF_USDT_MAX_ARG_CNT` (libbpf's usdt.bpf.h). */
export const MOST_ARGUMENTS = 12;
const NUMBER_SIZE = 8;

/** Where the fields of `struct __bpf_usdt_spec` are. They depend on the version of usdt.bpf.h in the object. */
interface SpecLayout {
  /** Bytes of one `struct __bpf_usdt_arg_spec`. */
  readonly argument: number;
  readonly register: number;
  /** Index register and scale, if the version has them. */
  readonly index: number | undefined;
  readonly signed: number;
  readonly shift: number;
}

/** By the size of the map's values. */
const LAYOUTS: ReadonlyMap<number, SpecLayout> = new Map([
  [208, { argument: 16, register: 12, index: undefined, signed: 14, shift: 15 }],
  // libbpf 1.7
  [304, { argument: 24, register: 14, index: 10, signed: 16, shift: 17 }],
]);

/** `enum __bpf_usdt_arg_type` */
const KIND = { constant: 0, register: 1, memory: 2, indexed: 3 } as const;

function kindOf({ place }: UsdtLocation): number {
  return place.kind === 'memory' && place.index !== undefined ? KIND.indexed : KIND[place.kind];
}

const problem = (text: string, code: 'ERR_BPF_USDT_ARGUMENT' | 'ERR_BPF_USDT_SPECS'): BpfError =>
  new BpfError(`Cannot tell programs where the arguments of a USDT probe are: ${text}`, { code });

/**
 * Writes `struct __bpf_usdt_spec`, which tells a program where the arguments of a probe are.
 *
 * @param valueSize - the size of the map's values
 * @throws BpfError if the layout is not known, or cannot hold these arguments
 */
export function encodeSpec(
  valueSize: number,
  locations: readonly UsdtLocation[],
  cookie: number | bigint,
): Uint8Array {
  const layout = LAYOUTS.get(valueSize);
  if (layout === undefined) {
    const known = [...LAYOUTS.keys()].join(' and ');
    const text = `values of its map of specs have ${valueSize} bytes, and this library knows those of ${known} bytes`;
    throw problem(`${text}: its usdt.bpf.h is of another version of libbpf`, 'ERR_BPF_USDT_SPECS');
  }
  if (locations.length > MOST_ARGUMENTS) {
    const text = `it has ${locations.length}, and usdt.bpf.h takes ${MOST_ARGUMENTS} (BPF_USDT_MAX_ARG_CNT)`;
    throw problem(text, 'ERR_BPF_USDT_ARGUMENT');
  }
  const bytes = new Uint8Array(valueSize);
  const view = new DataView(bytes.buffer);
  for (const [number, location] of locations.entries()) {
    writeArgument(view, number * layout.argument, location, layout);
  }
  const end = MOST_ARGUMENTS * layout.argument;
  view.setBigUint64(end, BigInt(cookie), true);
  view.setInt16(end + NUMBER_SIZE, locations.length, true);
  return bytes;
}

function writeArgument(view: DataView, at: number, location: UsdtLocation, layout: SpecLayout): void {
  const { size, signed, place } = location;
  view.setUint8(at + NUMBER_SIZE, kindOf(location));
  view.setUint8(at + layout.signed, signed ? 1 : 0);
  view.setUint8(at + layout.shift, 64 - 8 * size);
  if (place.kind === 'constant') {
    view.setBigUint64(at, BigInt.asUintN(64, place.value), true);
    return;
  }
  view.setInt16(at + layout.register, place.register, true);
  if (place.kind === 'register') return;
  view.setBigUint64(at, BigInt.asUintN(64, place.offset), true);
  if (place.index === undefined) return;
  if (layout.index === undefined) {
    throw problem(
      `one is an element of an array, at an address with an index register: the object was compiled with a ` +
        'usdt.bpf.h that cannot read it: compile it with that of libbpf 1.7 or newer',
      'ERR_BPF_USDT_ARGUMENT',
    );
  }
  // Twelve bits for the register, four for the scale.
  view.setUint16(at + layout.index, place.index | (Math.log2(place.scale) << 12), true);
}
