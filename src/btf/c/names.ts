import type { BtfTypes } from '../btf-types.ts';
import type { BtfKind } from '../types.ts';

/** Words that cannot be C identifiers, and names that compilers declare themselves. */
const RESERVED: readonly string[] = [
  ...[
    'auto',
    'break',
    'case',
    'char',
    'const',
    'continue',
    'default',
    'do',
    'double',
    'else',
    'enum',
    'extern',
  ],
  ...[
    'float',
    'for',
    'goto',
    'if',
    'inline',
    'int',
    'long',
    'register',
    'restrict',
    'return',
    'short',
    'signed',
  ],
  ...['sizeof', 'static', 'struct', 'switch', 'typedef', 'union', 'unsigned', 'void', 'volatile', 'while'],
  ...['asm', 'typeof', '_Alignas', '_Alignof', '_Atomic', '_Bool', '_Complex', '_Generic', '_Imaginary'],
  ...['_Noreturn', '_Static_assert', '_Thread_local', '__builtin_va_list'],
];
const reserved: ReadonlySet<string> = new Set(RESERVED);

/** A name as a C identifier: names of other languages hold characters that C does not allow. */
export function identifier(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/g, '_');
  if (/^\d/.test(plain)) return `_${plain}`;
  return reserved.has(plain) ? `${plain}_` : plain;
}

/** The used names of one name space. */
class Used {
  readonly #names = new Set<string>();
  /** How often each name was asked for, so that the next call need not try all numbers again. */
  readonly #asked = new Map<string, number>();

  /** Takes the name, or the name with the first free number. */
  add(name: string): string {
    let free = name;
    let n = this.#asked.get(name) ?? 0;
    do {
      n++;
      free = n === 1 ? name : `${name}___${n}`;
    } while (this.#names.has(free));
    this.#asked.set(name, n);
    this.#names.add(free);
    return free;
  }
}

const TAGGED: ReadonlySet<BtfKind> = new Set(['struct', 'union', 'enum', 'enum64', 'fwd']);

/**
 * The names of types in C. Tags share one name space, typedefs and enumerators another. If several types have one name,
 * the first keeps it. The others get the suffix `___2`, `___3` and so on, which CO-RE treats as flavours of the same
 * name.
 */
export class Names {
  readonly #types: BtfTypes;
  readonly #tags = new Map<number, string>();
  readonly #typedefs = new Map<number, string>();
  readonly #usedTags = new Used();
  readonly #usedOrdinary = new Used();

  constructor(types: BtfTypes) {
    this.#types = types;
  }

  /** The tag of a struct, union, enum or forward declaration, without the keyword. */
  tag(id: number): string {
    const known = this.#tags.get(id);
    if (known !== undefined) return known;
    const name = this.#types.nameOf(id);
    // A forward declaration and the type it declares are one, if that type exists.
    const declared = new Map<string, string>();
    const ids = [...this.#types.idsByName(name)].filter((each) => TAGGED.has(this.#types.kindOf(each)));
    const isForward = (each: number): boolean => this.#types.kindOf(each) === 'fwd';
    for (const each of [...ids.filter((i) => !isForward(i)), ...ids.filter(isForward)]) {
      const type = this.#types.byId(each);
      const kind = type.kind === 'fwd' ? type.of : type.kind;
      const same = type.kind === 'fwd' ? declared.get(kind) : undefined;
      const given = same ?? this.#usedTags.add(identifier(name));
      if (!declared.has(kind)) declared.set(kind, given);
      this.#tags.set(each, given);
    }
    return this.#tags.get(id) ?? identifier(name);
  }

  /** The name of a typedef. */
  typedef(id: number): string {
    const known = this.#typedefs.get(id);
    if (known !== undefined) return known;
    const name = this.#types.nameOf(id);
    for (const each of this.#types.idsByName(name)) {
      if (this.#types.kindOf(each) !== 'typedef') continue;
      this.#typedefs.set(each, this.#usedOrdinary.add(identifier(name)));
    }
    return this.#typedefs.get(id) ?? identifier(name);
  }

  /** A name for an enumerator that is about to be declared. */
  enumerator(name: string): string {
    return this.#usedOrdinary.add(identifier(name));
  }
}
