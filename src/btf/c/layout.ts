import { bitsOf, Resolver } from '../resolver.ts';
import type { BtfComposite, BtfMember } from '../types.ts';
import { scalarAlign } from './scalars.ts';

/** The most structs and arrays within each other, so that hostile types cannot exhaust the stack. */
const MAX_DEPTH = 64;
/** Up to this many bits of padding are written as bit fields without a name, of at most 64 bits each. */
const SHORT_GAP = 16 * 64;
/** The largest alignment that is guessed: a page. */
const MAX_ALIGN = 4096;

/** A line of a struct's body. */
export type Line =
  | { readonly kind: 'member'; readonly member: BtfMember; readonly width: number; readonly align: number }
  /** Bits without a name; they end before the next boundary of 64. */
  | { readonly kind: 'gap'; readonly bits: number }
  /** More bytes than a few gaps hold. */
  | { readonly kind: 'padding'; readonly bytes: number }
  /** C cannot put a member there. */
  | { readonly kind: 'impossible'; readonly member: BtfMember };

/** How to write a struct or union so that the C compiler lays it out as BTF says. */
export interface Plan {
  readonly lines: readonly Line[];
  readonly packed: boolean;
  /** An alignment to ask for; 0 for none. */
  readonly aligned: number;
  /** The alignment that the compiler gives it when it is written like this. */
  readonly align: number;
}

interface Field {
  readonly member: BtfMember;
  /** In bits. */
  readonly start: number;
  readonly end: number;
  readonly align: number;
  /** Width of a bit field, else 0. */
  readonly width: number;
}

const up = (bit: number, multiple: number): number => Math.ceil(bit / multiple) * multiple;

/** A bit field must not cross a boundary of its type. */
const crosses = (start: number, width: number, unit: number): boolean =>
  Math.floor(start / unit) !== Math.floor((start + width - 1) / unit);

/** Lines for the bits from `from` to `to`, which no alignment explains. */
function fill(from: number, to: number): Line[] {
  if (to - from > SHORT_GAP) {
    const start = up(from, 8);
    const whole = Math.floor((to - start) / 8);
    return [...fill(from, start), { kind: 'padding', bytes: whole }, ...fill(start + whole * 8, to)];
  }
  const lines: Line[] = [];
  for (let at = from; at < to; ) {
    const end = Math.min(to, up(at + 1, 64));
    lines.push({ kind: 'gap', bits: end - at });
    at = end;
  }
  return lines;
}

/** The smallest alignment that moves `from` to `to`; 0 if there is none. `size` must be a multiple of it. */
function alignmentBetween(from: number, to: number, size: number): number {
  for (let align = 2; align <= MAX_ALIGN; align *= 2) {
    if (size % align === 0 && up(from, align * 8) === to) return align;
  }
  return 0;
}

/** Computes layouts, each once. */
export class Layouts extends Resolver {
  readonly #plans = new Map<number, Plan>();
  readonly #sizes = new Map<number, number>();

  /** The size of a type in bytes; 0 for types without a size. */
  sizeOf(id: number, depth = 0): number {
    const type = this.resolve(id);
    if (type.kind === 'ptr') return this.types.pointerSize;
    if (type.kind !== 'array') return 'size' in type ? type.size : 0;
    const known = this.#sizes.get(type.id);
    if (known !== undefined) return known;
    if (depth > MAX_DEPTH) throw this.error(id, `types are nested deeper than ${MAX_DEPTH}, or without end`);
    const size = type.length * this.sizeOf(type.type, depth + 1);
    this.#sizes.set(type.id, size);
    return size;
  }

  /** The alignment that the C compiler gives a type, once printed. */
  alignOf(id: number, depth = 0): number {
    const type = this.resolve(id);
    if (depth > MAX_DEPTH) throw this.error(id, `types are nested deeper than ${MAX_DEPTH}, or without end`);
    switch (type.kind) {
      case 'ptr':
        return this.types.pointerSize;
      case 'int':
      case 'float':
      case 'enum':
      case 'enum64':
        return scalarAlign(type.size);
      case 'array':
        return this.alignOf(type.type, depth + 1);
      case 'struct':
      case 'union':
        return this.plan(type, depth).align;
      default:
        return 1;
    }
  }

  plan(type: BtfComposite, depth = 0): Plan {
    const known = this.#plans.get(type.id);
    if (known !== undefined) return known;
    const fields = type.members.map((member) => this.#field(member, depth));
    const plan = type.kind === 'struct' ? planStruct(fields, type.size) : planUnion(fields, type.size);
    this.#plans.set(type.id, plan);
    return plan;
  }

  #field(member: BtfMember, depth: number): Field {
    const bits = bitsOf(member, this.resolve(member.type));
    const align = this.alignOf(member.type, depth + 1);
    if (bits !== undefined) {
      return { member, start: bits.start, end: bits.start + bits.width, align, width: bits.width };
    }
    const start = member.bitOffset;
    return { member, start, end: start + this.sizeOf(member.type) * 8, align, width: 0 };
  }
}

const memberLine = ({ member, width }: Field, align = 0): Line => ({ kind: 'member', member, width, align });

function planStruct(fields: readonly Field[], size: number): Plan {
  const natural = fields.reduce((most, { align }) => Math.max(most, align), 1);
  const packed =
    size % natural !== 0 ||
    fields.some(({ start, align, width }) =>
      width > 0 ? crosses(start, width, align * 8) : start % (align * 8) !== 0,
    );
  let align = packed ? 1 : natural;
  let at = 0;
  const lines: Line[] = [];
  for (const field of fields) {
    const { start, end, width } = field;
    if (start < at || end > size * 8 || (width === 0 && start % 8 !== 0)) {
      lines.push({ kind: 'impossible', member: field.member });
      continue;
    }
    const unit = field.align * 8;
    let next = at;
    if (width === 0) next = up(at, packed ? 8 : unit);
    else if (!packed && crosses(at, width, unit)) next = up(at, unit);
    let asked = 0;
    if (start !== next) {
      if (start - at > SHORT_GAP && width === 0 && !packed) asked = alignmentBetween(at, start, size);
      if (asked === 0) lines.push(...fill(at, start));
      align = Math.max(align, asked);
    }
    lines.push(memberLine(field, asked));
    at = end;
  }
  let aligned = 0;
  if (up(at, align * 8) !== size * 8) {
    if (size * 8 - at > SHORT_GAP) aligned = alignmentBetween(at, size * 8, size);
    if (aligned === 0) lines.push(...fill(at, size * 8));
    align = Math.max(align, aligned);
  }
  return { lines, packed, aligned, align };
}

function planUnion(fields: readonly Field[], size: number): Plan {
  const natural = fields.reduce((most, { align }) => Math.max(most, align), 1);
  const packed = size % natural !== 0;
  let align = packed ? 1 : natural;
  let largest = 0;
  const lines: Line[] = [];
  for (const field of fields) {
    const possible = field.start === 0 && field.end <= size * 8;
    lines.push(possible ? memberLine(field) : { kind: 'impossible', member: field.member });
    if (possible) largest = Math.max(largest, field.end);
  }
  let aligned = 0;
  if (up(largest, align * 8) !== size * 8) {
    aligned = alignmentBetween(largest, size * 8, size);
    if (aligned === 0)
      lines.push(size <= 8 ? { kind: 'gap', bits: size * 8 } : { kind: 'padding', bytes: size });
    align = Math.max(align, aligned);
  }
  return { lines, packed, aligned, align };
}
