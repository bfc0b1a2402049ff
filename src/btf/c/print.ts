import { rejectUnknownOptions } from '../../errors/index.ts';
import type { BtfTypes } from '../btf-types.ts';
import { checkTypes } from '../check-types.ts';
import type { BtfComposite, BtfType } from '../types.ts';
import { Declarations } from './declare.ts';
import { Layouts } from './layout.ts';
import { Names } from './names.ts';

/** What to print. */
export interface PrintOptions {
  /**
   * Numbers of the types to print, in this order. Types that they need are printed before them. Default: every type
   * that has a name in C. Types of the base are printed only if needed.
   */
  readonly ids?: Iterable<number> | undefined;
}

/** The longest chain of types that need each other, so that hostile types cannot exhaust the stack. */
const MAX_DEPTH = 1000;

/** Puts declarations into an order that C accepts. */
class Printer {
  readonly #types: BtfTypes;
  readonly #layouts: Layouts;
  readonly #names: Names;
  readonly #declarations: Declarations;
  /** Types that are printed, or are about to be. */
  readonly #begun = new Set<number>();
  /** Tags, with their keyword, that C has already seen. */
  readonly #announced = new Set<string>();
  /** Anonymous structs and unions whose members' types are printed. */
  readonly #prepared = new Set<number>();
  #output: string[] = [];

  constructor(types: BtfTypes) {
    this.#types = types;
    this.#layouts = new Layouts(types);
    this.#names = new Names(types);
    this.#declarations = new Declarations(this.#layouts, this.#names);
  }

  /** The declarations of a type and of what it needs, if they have not been printed yet. */
  print(id: number): string[] {
    this.#output = [];
    const type = this.#types.byId(id);
    const named = type.name !== '';
    if (type.kind === 'typedef' || type.kind === 'fwd') this.#need(id, false, 0);
    else if (type.kind === 'struct' || type.kind === 'union') {
      if (named) this.#need(id, true, 0);
    } else if (type.kind === 'enum' || type.kind === 'enum64') {
      if (named) this.#need(id, true, 0);
      else if (!this.#declarations.declared(id)) this.#output.push(this.#declarations.definition(type));
    }
    return this.#output.filter((text) => text !== '');
  }

  /**
   * @param complete - whether C must know the type's size, not only its name
   * @param owner - the struct or union that this is a member of; C has seen it by then
   */
  #need(id: number, complete: boolean, depth: number, owner?: number): void {
    if (depth > MAX_DEPTH)
      throw this.#layouts.error(id, `types depend on each other deeper than ${MAX_DEPTH} levels`);
    const type = this.#types.byId(id);
    switch (type.kind) {
      case 'ptr':
        this.#need(type.type, false, depth + 1, owner);
        break;
      case 'const':
      case 'volatile':
      case 'restrict':
      case 'type_tag':
        this.#need(type.type, complete, depth + 1, owner);
        break;
      case 'array': // C wants to know the size of elements even behind a pointer
        this.#need(type.type, true, depth + 1);
        break;
      case 'func_proto':
        if (this.#prepared.has(id)) break;
        this.#prepared.add(id);
        this.#need(type.returnType, false, depth + 1);
        for (const parameter of type.parameters) this.#need(parameter.type, false, depth + 1);
        break;
      case 'typedef':
        this.#typedef(id, type.type, depth);
        if (complete) this.#need(type.type, true, depth + 1);
        break;
      case 'fwd':
        this.#announce(type);
        break;
      case 'struct':
      case 'union':
        if (type.name === '') this.#members(type, depth);
        else if (complete) this.#define(type, depth);
        else if (id !== owner) this.#announce(type);
        break;
      case 'enum':
      case 'enum64':
        if (type.name !== '') this.#define(type, depth);
        break;
    }
  }

  #members({ id, name, members }: BtfComposite, depth: number): void {
    if (this.#prepared.has(id)) return;
    this.#prepared.add(id);
    const owner = name === '' ? undefined : id;
    for (const member of members) this.#need(member.type, true, depth + 1, owner);
  }

  #define(type: BtfType, depth: number): void {
    if (this.#begun.has(type.id)) return;
    this.#begun.add(type.id);
    if (type.kind === 'struct' || type.kind === 'union') this.#members(type, depth);
    this.#announced.add(this.#tag(type));
    this.#output.push(this.#declarations.definition(type));
  }

  #typedef(id: number, target: number, depth: number): void {
    if (this.#begun.has(id)) return;
    this.#begun.add(id);
    this.#need(target, false, depth + 1);
    this.#output.push(this.#declarations.typedef(id, target));
  }

  #announce(type: BtfType): void {
    const tag = this.#tag(type);
    if (this.#announced.has(tag)) return;
    this.#announced.add(tag);
    this.#output.push(`${tag};\n`);
  }

  #tag(type: BtfType): string {
    return `${type.kind === 'fwd' ? type.of : type.kind} ${this.#names.tag(type.id)}`;
  }
}

/**
 * Prints types as C: structs, unions, enums and typedefs, each after what it needs. A C compiler for BPF then gives
 * every struct and union the size, and every member the offset, that BTF says. If C would lay them out differently, the
 * output has unnamed bit fields, `packed` and `aligned`.
 *
 * The result is for clang and gcc and the C of 1999 to 2017 with GNU extensions. What C has no name for is changed. If
 * several types or enumerators have one name, the later ones get the suffix `___2` and so on. Parameters have no names.
 * Pointers take eight bytes.
 *
 * @yields one declaration at a time, with a line feed at its end
 * @throws RangeError when there is no type of a number in `ids`
 * @throws FormatError when a type is malformed, or nested without end
 *
 * @example
 * ```ts
 * for (const text of printTypesAsC(types, { ids: [types.byName('task_struct', 'struct')?.id ?? 0] })) {
 *   process.stdout.write(text);
 * }
 * ```
 */
export function* printTypesAsC(types: BtfTypes, options: PrintOptions = {}): Generator<string, void> {
  checkTypes('printTypesAsC: types', types);
  rejectUnknownOptions('printTypesAsC', options, ['ids']);
  const printer = new Printer(types);
  if (options.ids !== undefined) {
    for (const id of options.ids) yield* printer.print(id);
    return;
  }
  for (let id = (types.base?.count ?? 0) + 1; id <= types.count; id++) yield* printer.print(id);
}
