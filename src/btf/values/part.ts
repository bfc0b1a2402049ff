import { type Codec, type CodecPart, inside } from '../../bytes/codec/index.ts';
import { clearAround, type Span } from './padding.ts';

/** The object a struct or union is, or becomes. */
export type Value = Record<string, unknown>;

/** Some properties of an object and the bytes they stand for: a member, or an anonymous struct or union. */
export interface Part extends Span {
  /** The properties, in order. */
  readonly names: readonly string[];
  /** Whether every bit pattern of it, over the whole span, reads as a value that writes the same bits. */
  readonly exact: boolean;
  /** The member that holds a bit of the struct or union that the part belongs to; `undefined` for padding. */
  at(bit: number): CodecPart | undefined;
  /** @param offset - of the struct or union that the part belongs to */
  encode(view: DataView, offset: number, value: Value): void;
  decode(view: DataView, offset: number, value: Value): void;
}

/** A member with a name. */
export function memberPart(name: string, codec: Codec<unknown>, at: number, span: Span): Part {
  return {
    start: span.start,
    end: span.end,
    names: [name],
    exact: codec.exact === true,
    at: (bit) =>
      bit >= span.start && bit < span.end ? { step: `.${name}`, codec, bit: bit - at * 8 } : undefined,
    encode(view: DataView, offset: number, value: Value): void {
      try {
        codec.encode(view, offset + at, value[name]);
      } catch (error) {
        throw inside(error, `.${name}`);
      }
    },
    decode(view: DataView, offset: number, value: Value): void {
      value[name] = codec.decode(view, offset + at);
    },
  };
}

/** Bytes that belong to the kernel. */
export function specialPart({ start, end }: Span): Part {
  return { start, end, names: [], exact: false, at: () => undefined, encode(): void {}, decode(): void {} };
}

/** The part that an anonymous struct or union forms in the one around it. */
export function movedPart(inner: Part, at: number): Part {
  return {
    start: inner.start + at * 8,
    end: inner.end + at * 8,
    names: inner.names,
    exact: inner.exact,
    at: (bit) => inner.at(bit - at * 8),
    encode: (view, offset, value) => inner.encode(view, offset + at, value),
    decode: (view, offset, value) => inner.decode(view, offset + at, value),
  };
}

/** Whether a value has the property. What every object inherits does not count. */
export function has(value: Value, name: string): boolean {
  const own = value[name];
  return own !== undefined && own !== (Object.prototype as unknown as Value)[name];
}

/** The one of several parts that holds a bit. */
export function holderOf(parts: readonly Part[], bit: number): CodecPart | undefined {
  for (const part of parts) {
    const found = part.at(bit);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** All the parts one after another, and zero between them. */
export function structPart(parts: readonly Part[], size: number, littleEndian: boolean): Part {
  const clear = clearAround(parts, size, littleEndian);
  const covered = parts.reduce((sum, { start, end }) => sum + end - start, 0);
  return {
    start: 0,
    end: size * 8,
    names: parts.flatMap((part) => part.names),
    exact: covered === size * 8 && parts.every((part) => part.exact),
    at: (bit) => holderOf(parts, bit),
    encode(view: DataView, offset: number, value: Value): void {
      for (const part of parts) part.encode(view, offset, value);
      clear(view, offset);
    },
    decode(view: DataView, offset: number, value: Value): void {
      for (const part of parts) part.decode(view, offset, value);
    },
  };
}
