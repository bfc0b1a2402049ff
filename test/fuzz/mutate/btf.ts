import { mutateBytes } from './bytes.ts';
import { otherWord, pick, type Random } from './random.ts';

const HEADER = 24;
const WORDS = 3;
/** For each kind of type: the number of words after the first three, and the number of words of each element. */
const TAIL = [0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0];
const ELEMENT = [0, 0, 0, 0, 3, 3, 2, 0, 0, 0, 0, 0, 0, 2, 0, 3, 0, 0, 0, 3];
const KINDS = TAIL.length;

/** The parts of a blob, to be damaged. It need not be valid BTF. */
interface Parts {
  readonly little: boolean;
  readonly types: number[][];
  readonly strings: Uint8Array;
}

function split(bytes: Uint8Array): Parts | undefined {
  if (bytes.length < HEADER) return undefined;
  const little = bytes[0] === 0x9f;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (at: number): number => view.getUint32(at, little);
  const start = word(4) + word(8);
  const end = start + word(12);
  const strings = word(4) + word(16);
  if (end > bytes.length || strings + word(20) > bytes.length || end % 4 !== 0) return undefined;
  const types: number[][] = [];
  for (let at = start; at + 12 <= end; ) {
    const info = word(at + 4);
    const kind = (info >>> 24) & 0x7f;
    const length = WORDS + (TAIL[kind] ?? 0) + (ELEMENT[kind] ?? 0) * (info & 0xffff);
    const stop = Math.min(at + 4 * length, end);
    const type: number[] = [];
    for (; at < stop; at += 4) type.push(word(at));
    types.push(type);
  }
  return { little, types, strings: bytes.slice(strings, strings + word(20)) };
}

function join({ little, types, strings }: Parts): Uint8Array {
  const words = types.flat();
  const bytes = new Uint8Array(HEADER + 4 * words.length + strings.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xeb9f, little);
  view.setUint8(2, 1);
  for (const [i, value] of [HEADER, 0, 4 * words.length, 4 * words.length, strings.length].entries()) {
    view.setUint32(4 + 4 * i, value, little);
  }
  for (const [i, value] of words.entries()) view.setUint32(HEADER + 4 * i, value, little);
  bytes.set(strings, HEADER + 4 * words.length);
  return bytes;
}

/** Changes one type, or the order or number of types. */
function mutateTypes(types: number[][], strings: Uint8Array, next: Random): void {
  if (types.length === 0) return;
  const at = next(types.length);
  const type = pick(types, next);
  const info = type[1] ?? 0;
  switch (next(9)) {
    case 0: // refers to another type
      type[2] = next(types.length + 2);
      break;
    case 1: // a word of an element refers to another type
      type[next(type.length)] = next(types.length + 2);
      break;
    case 2: // another kind
      type[1] = ((info & 0x80ff_ffff) | (next(KINDS) << 24)) >>> 0;
      break;
    case 3: {
      // one element more or less, both in the count and in the data
      const element = ELEMENT[(info >>> 24) & 0x1f] ?? 0;
      if (element === 0 || type.length < WORDS + element) break;
      if (next(2) === 0) type.push(...type.slice(-element));
      else type.length -= element;
      type[1] = ((info & 0xff00_0000) | ((type.length - WORDS) / element)) >>> 0;
      break;
    }
    case 4: // flips the flag
      type[1] = (info ^ 0x8000_0000) >>> 0;
      break;
    case 5:
      type[next(type.length)] = otherWord(type[next(type.length)] ?? 0, next);
      break;
    case 6: // a name from elsewhere
      type[next(4) === 0 ? WORDS : 0] = next(strings.length + 1);
      break;
    case 7:
      types.splice(at, next(2), [...type]);
      break;
    default:
      types.splice(at, 1);
  }
}

/** Damages BTF so that most of it stays BTF. */
export function mutateBtf(bytes: Uint8Array, next: Random): Uint8Array {
  const parts = next(6) === 0 ? undefined : split(bytes);
  if (parts === undefined) return mutateBytes(bytes, next);
  for (let changes = 1 + next(5); changes > 0; changes--) {
    if (next(16) === 0 && parts.strings.length > 0) {
      parts.strings[next(parts.strings.length)] = next(3) === 0 ? 0 : next(256);
    } else mutateTypes(parts.types, parts.strings, next);
  }
  return join(parts);
}
