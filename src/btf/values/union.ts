import { wrongType } from '../../bytes/codec/index.ts';
import { clearAround } from './padding.ts';
import { has, holderOf, type Part, type Value } from './part.ts';
import { same } from './same.ts';

function read(part: Part, view: DataView): Value {
  const value: Value = {};
  part.decode(view, 0, value);
  return value;
}

/** What reading gives once the part is written. If it cannot be written: the value as it is. */
function written(part: Part, size: number, value: Value): Value {
  const view = new DataView(new ArrayBuffer(size));
  try {
    part.encode(view, 0, value);
    return read(part, view);
  } catch {
    return Object.fromEntries(part.names.map((name) => [name, value[name]]));
  }
}

/**
 * From several given members, the one whose bytes read as all of them, so that a decoded value can be encoded again.
 * Undefined if they contradict each other.
 */
function agreed(given: readonly Part[], size: number, value: Value): Part | undefined {
  const expected = given.map((part) => written(part, size, value));
  return given.find((base) => {
    const view = new DataView(new ArrayBuffer(size));
    try {
      base.encode(view, 0, value);
    } catch {
      return false;
    }
    return given.every((part, i) => same(read(part, view), expected[i]));
  });
}

/**
 * Members that share their bytes. Reading gives all of them. Writing takes one of them, or several if some bytes read
 * as all of these. Bytes that the written member does not use become zero.
 */
export function unionPart(parts: readonly Part[], size: number, littleEndian: boolean): Part {
  const names = parts.flatMap((part) => part.names);
  const choices = parts.map((part) => part.names.join(' and ')).filter((text) => text !== '');
  const clear = new Map(parts.map((part) => [part, clearAround([part], size, littleEndian)]));
  return {
    start: 0,
    end: size * 8,
    names,
    exact: false,
    at: (bit) => holderOf(parts, bit),
    encode(view: DataView, offset: number, value: Value): void {
      const given = parts.filter((part) => part.names.some((name) => has(value, name)));
      if (given.length === 0) {
        if (choices.length > 0) wrongType(undefined, `one of the union's members ${choices.join(', ')}`);
        return;
      }
      const one = given.length === 1 ? given[0] : agreed(given, size, value);
      if (one === undefined) {
        const seen = names.filter((name) => has(value, name)).join(', ');
        wrongType(seen, 'one member of a union, because these contradict each other');
      }
      one.encode(view, offset, value);
      clear.get(one)?.(view, offset);
    },
    decode(view: DataView, offset: number, value: Value): void {
      for (const part of parts) part.decode(view, offset, value);
    },
  };
}
