/**
 * Where a field of a kernel structure lies and how it is written: its offset in bytes, its form and, for a form with a
 * length, that length. A field that is itself a structure has a layout.
 */
export type Field =
  | { readonly form: 'u8' | 'u16' | 'u32' | 's32' | 'u64' | 's64'; readonly offset: number }
  /** A char array that holds a string and its NUL, or a byte array. */
  | { readonly form: 'text' | 'bytes'; readonly offset: number; readonly length: number }
  /** Bits of a 32-bit word, counted from its lowest bit. */
  | { readonly form: 'bits'; readonly offset: number; readonly shift: number; readonly width: number }
  | { readonly form: 'struct'; readonly offset: number; readonly layout: Layout };

/** The fields of a kernel structure, by name. Fields of anonymous members count as its own. */
export interface Layout {
  /** The kernel's name for it, for errors. */
  readonly name: string;
  /** In bytes, padding included. */
  readonly size: number;
  readonly fields: { readonly [name: string]: Field };
}

/** A {@link Layout} whose fields are made on first use: a process needs only a few of the structures. */
class LateLayout implements Layout {
  readonly name: string;
  readonly size: number;
  readonly #make: () => Layout['fields'];
  #fields: Layout['fields'] | undefined;

  constructor(name: string, size: number, make: () => Layout['fields']) {
    this.name = name;
    this.size = size;
    this.#make = make;
  }

  get fields(): Layout['fields'] {
    this.#fields ??= this.#make();
    return this.#fields;
  }
}

/** The layout of a structure, in the generated tables. */
export const layout = (name: string, size: number, make: () => Layout['fields']): Layout =>
  new LateLayout(name, size, make);

/** The value of a 64-bit field: a number, or bytes, which stand for their address. */
export type U64 = number | bigint | Uint8Array;

/** Gives the address of the first byte of `bytes`. Addresses of user space fit a double. */
export type AddressOf = (bytes: Uint8Array) => number;

export const u8 = (offset: number): Field => ({ form: 'u8', offset });
export const u16 = (offset: number): Field => ({ form: 'u16', offset });
export const u32 = (offset: number): Field => ({ form: 'u32', offset });
export const s32 = (offset: number): Field => ({ form: 's32', offset });
export const u64 = (offset: number): Field => ({ form: 'u64', offset });
export const s64 = (offset: number): Field => ({ form: 's64', offset });
export const text = (offset: number, length: number): Field => ({ form: 'text', offset, length });
export const bytes = (offset: number, length: number): Field => ({ form: 'bytes', offset, length });
export const bits = (offset: number, shift: number, width: number): Field => ({
  form: 'bits',
  offset,
  shift,
  width,
});
export const struct = (offset: number, layout: Layout): Field => ({ form: 'struct', offset, layout });
