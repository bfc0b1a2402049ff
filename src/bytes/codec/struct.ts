import { checkObject, rejectUnknownOptions } from '../../errors/index.ts';
import { checkCodec } from './check.ts';
import type { Codec, CodecPart, Infer } from './codec.ts';
import { layOut } from './layout.ts';
import { inside, wrongType } from './problem.ts';
import { type Member, structDecoder } from './struct-decoder.ts';

/** The members of a structure, in the order of C. */
export type Fields = Readonly<Record<string, Codec<unknown>>>;

/** The object type that belongs to {@link Fields}. */
export type StructValue<F extends Fields> = { -readonly [K in keyof F]: Infer<F[K]> };

/** How a structure is laid out. */
export interface StructOptions {
  /** No padding and no alignment, as with `__attribute__((packed))`. Default: false. */
  readonly packed?: boolean | undefined;
}

/** A structure's codec also knows where its members are. */
export interface StructCodec<F extends Fields> extends Codec<StructValue<F>> {
  /** The members' codecs. */
  readonly fields: F;
  /** Byte offset of each member, as C's `offsetof`. */
  readonly offsets: { readonly [K in keyof F]: number };
}

/** Names that a JavaScript object would reorder or not store. */
const IMPOSSIBLE_NAME = /^(?:\d+|__proto__)$/;

/**
 * A C structure as an object, with the layout that the C compiler gives it. Padding is written as zero, so that equal
 * keys have equal bytes. Members are taken by name. Other properties of the object are ignored.
 *
 * @throws TypeError when there is no member, one is not a codec, or one has a name that an object cannot keep in order
 */
export function struct<const F extends Fields>(fields: F, options: StructOptions = {}): StructCodec<F> {
  rejectUnknownOptions('struct', options, ['packed']);
  checkObject('struct: fields', fields);
  const names = Object.keys(fields);
  if (names.length === 0) throw new TypeError('struct: expected at least one member');
  const impossible = names.find((name) => IMPOSSIBLE_NAME.test(name));
  if (impossible !== undefined) {
    throw new TypeError(
      `struct: "${impossible}" cannot name a member: an object would not keep it in its place`,
    );
  }
  const codecs = Object.values(fields);
  for (const name of names) checkCodec(`struct: ${name}`, fields[name]);
  const { size, align, offsets, padding } = layOut(codecs, options.packed === true);
  const members: Member[] = codecs.map((codec, i) => {
    return { name: names[i] ?? '', codec, offset: offsets[i] ?? 0 };
  });
  return Object.freeze({
    name: `struct { ${names.join(', ')} }`,
    size,
    align,
    exact: padding.length === 0 && codecs.every((codec) => codec.exact === true),
    partAt(bit: number): CodecPart | undefined {
      const found = members.find(
        ({ codec: own, offset }) => bit >= offset * 8 && bit < (offset + own.size) * 8,
      );
      return found && { step: `.${found.name}`, codec: found.codec, bit: bit - found.offset * 8 };
    },
    fields,
    offsets: Object.freeze(
      Object.fromEntries(members.map((member) => [member.name, member.offset])),
    ) as StructCodec<F>['offsets'],
    encode(view: DataView, offset: number, value: StructValue<F>): void {
      if (typeof value !== 'object' || value === null) wrongType(value, `an object with ${names.join(', ')}`);
      let at = '';
      try {
        for (const member of members) {
          at = member.name;
          member.codec.encode(view, offset + member.offset, value[at]);
        }
      } catch (error) {
        throw inside(error, `.${at}`);
      }
      for (const pad of padding) view.setUint8(offset + pad, 0);
    },
    decode: structDecoder(members) as (view: DataView, offset: number) => StructValue<F>,
  });
}
