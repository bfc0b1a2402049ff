import type { Codec } from './codec.ts';

/** A member of a structure, and where it is. */
export interface Member {
  readonly name: string;
  readonly codec: Codec<unknown>;
  readonly offset: number;
}

type Value = Record<string, unknown>;
type Decode = (view: DataView, offset: number) => Value;
/** A member that is there: the length of the list was asked before. */
type Present = [Member, Member, Member, Member, Member, Member, Member, Member];

/**
 * Makes the function that decodes a structure. There is one for each number of members, written out: an engine
 * remembers for each place in the code what it has stored there, and a loop would be one place for all names. It takes
 * up to eight times as long.
 */
export function structDecoder(members: readonly Member[]): Decode {
  const [a, b, c, d, e, f, g, h] = members as unknown as Present;
  // Objects of one constructor have room for all members from the start. To users they are plain objects.
  function Plain(): void {}
  Plain.prototype = Object.prototype;
  const Shape = Plain as unknown as new () => Value;
  switch (members.length) {
    case 1:
      return (view, offset) => {
        const value = new Shape();
        value[a.name] = a.codec.decode(view, offset + a.offset);
        return value;
      };
    case 2:
      return (view, offset) => {
        const value = new Shape();
        value[a.name] = a.codec.decode(view, offset + a.offset);
        value[b.name] = b.codec.decode(view, offset + b.offset);
        return value;
      };
    case 3:
      return (view, offset) => {
        const value = new Shape();
        value[a.name] = a.codec.decode(view, offset + a.offset);
        value[b.name] = b.codec.decode(view, offset + b.offset);
        value[c.name] = c.codec.decode(view, offset + c.offset);
        return value;
      };
    case 4:
      return (view, offset) => {
        const value = new Shape();
        value[a.name] = a.codec.decode(view, offset + a.offset);
        value[b.name] = b.codec.decode(view, offset + b.offset);
        value[c.name] = c.codec.decode(view, offset + c.offset);
        value[d.name] = d.codec.decode(view, offset + d.offset);
        return value;
      };
    case 5:
      return (view, offset) => {
        const value = new Shape();
        value[a.name] = a.codec.decode(view, offset + a.offset);
        value[b.name] = b.codec.decode(view, offset + b.offset);
        value[c.name] = c.codec.decode(view, offset + c.offset);
        value[d.name] = d.codec.decode(view, offset + d.offset);
        value[e.name] = e.codec.decode(view, offset + e.offset);
        return value;
      };
    case 6:
      return (view, offset) => {
        const value = new Shape();
        value[a.name] = a.codec.decode(view, offset + a.offset);
        value[b.name] = b.codec.decode(view, offset + b.offset);
        value[c.name] = c.codec.decode(view, offset + c.offset);
        value[d.name] = d.codec.decode(view, offset + d.offset);
        value[e.name] = e.codec.decode(view, offset + e.offset);
        value[f.name] = f.codec.decode(view, offset + f.offset);
        return value;
      };
    case 7:
      return (view, offset) => {
        const value = new Shape();
        value[a.name] = a.codec.decode(view, offset + a.offset);
        value[b.name] = b.codec.decode(view, offset + b.offset);
        value[c.name] = c.codec.decode(view, offset + c.offset);
        value[d.name] = d.codec.decode(view, offset + d.offset);
        value[e.name] = e.codec.decode(view, offset + e.offset);
        value[f.name] = f.codec.decode(view, offset + f.offset);
        value[g.name] = g.codec.decode(view, offset + g.offset);
        return value;
      };
    default: {
      const rest = members.slice(8);
      return (view, offset) => {
        const value = new Shape();
        value[a.name] = a.codec.decode(view, offset + a.offset);
        value[b.name] = b.codec.decode(view, offset + b.offset);
        value[c.name] = c.codec.decode(view, offset + c.offset);
        value[d.name] = d.codec.decode(view, offset + d.offset);
        value[e.name] = e.codec.decode(view, offset + e.offset);
        value[f.name] = f.codec.decode(view, offset + f.offset);
        value[g.name] = g.codec.decode(view, offset + g.offset);
        value[h.name] = h.codec.decode(view, offset + h.offset);
        for (const { name, codec, offset: own } of rest) value[name] = codec.decode(view, offset + own);
        return value;
      };
    }
  }
}
