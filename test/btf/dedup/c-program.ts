/** Types as compilers write them for the files of a made-up C program. Each file knows some of the structs. */
import fc from 'fast-check';
import type { NewBtfType } from '../../../src/btf/index.ts';

/** A type in the source. */
export type Source =
  | { readonly is: 'int' | 'char' | 'void' | 'enum' | 'float' }
  | { readonly is: 'pointer' | 'const' | 'volatile' | 'array' | 'tagged'; readonly of: Source }
  | { readonly is: 'function'; readonly of: Source; readonly takes: readonly Source[] }
  | { readonly is: 'typedef'; readonly number: number; readonly of: Source }
  | { readonly is: 'struct' | 'union'; readonly number: number }
  | { readonly is: 'anonymous'; readonly members: readonly Source[] };

/** The source of a program: the structs by number, and for each file what it defines and uses. */
export interface Program {
  readonly structs: readonly { readonly members: readonly Source[] }[];
  readonly files: readonly {
    /** The structs that this file defines. It only declares the others, unless files differ. */
    readonly knows: readonly boolean[];
    /** The structs that have one more member in this file than in others. */
    readonly differs: readonly boolean[];
    readonly uses: readonly Source[];
  }[];
}

const STRUCTS = 5;

const { source } = fc.letrec<{ source: Source }>((tie) => ({
  source: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ is: fc.constantFrom('int' as const, 'char' as const, 'void' as const, 'enum' as const) }),
    fc.record({
      is: fc.constant('pointer' as const),
      of: fc.record({
        is: fc.constantFrom('struct' as const, 'union' as const),
        number: fc.nat(STRUCTS - 1),
      }),
    }),
    fc.record({
      is: fc.constantFrom('pointer' as const, 'const' as const, 'volatile' as const, 'array' as const),
      of: tie('source'),
    }),
    fc.record({ is: fc.constant('tagged' as const), of: tie('source') }),
    fc.record({
      is: fc.constant('function' as const),
      of: tie('source'),
      takes: fc.array(tie('source'), { maxLength: 2 }),
    }),
    fc.record({
      is: fc.constant('anonymous' as const),
      members: fc.array(tie('source'), { minLength: 1, maxLength: 3 }),
    }),
  ),
}));

/** The meanings of the typedefs, by number. A typedef means the same in every file. */
const typedefs = fc.array(source, { minLength: 3, maxLength: 3 });

/** Programs with or without typedefs. */
export function programs(withTypedefs: boolean): fc.Arbitrary<Program> {
  return typedefs.chain((meanings) => program(withTypedefs ? meanings : []));
}

function program(meanings: readonly Source[]): fc.Arbitrary<Program> {
  const any = fc.oneof(
    source,
    ...meanings.map((of, number) => fc.constant<Source>({ is: 'typedef', number, of })),
  );
  const flags = (rarely: boolean): fc.Arbitrary<boolean[]> =>
    fc.array(rarely ? fc.constantFrom(false, false, false, false, true) : fc.boolean(), {
      minLength: STRUCTS,
      maxLength: STRUCTS,
    });
  return fc.record({
    structs: fc.array(fc.record({ members: fc.array(any, { minLength: 1, maxLength: 4 }) }), {
      minLength: STRUCTS,
      maxLength: STRUCTS,
    }),
    files: fc.array(
      fc.record({
        knows: flags(false),
        differs: flags(true),
        uses: fc.array(any, { minLength: 1, maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  });
}

/**
 * Whether a file defines a struct. If files differ in any struct, every file defines all structs. Otherwise it would be
 * chance which definition a declaration stands for.
 */
function isDefined({ files }: Program, file: Program['files'][number], struct: number): boolean {
  return file.knows[struct] === true || files.some(({ differs }) => differs.includes(true));
}

/** Appends the types of one file to `types`, each once, as a compiler does. */
function writeFile(
  program: Program,
  file: Program['files'][number],
  types: NewBtfType[],
  first: number,
): void {
  const written = new Map<string, number>();
  const add = (type: NewBtfType): number => first - 1 + types.push(type);
  const once = (key: string, make: () => NewBtfType): number => {
    const known = written.get(key);
    if (known !== undefined) return known;
    // Gets the number first, and then writes what the type refers to, because types refer to each other in circles.
    const id = add({ kind: 'ptr', name: '', type: 0 });
    written.set(key, id);
    types[id - first] = make();
    return id;
  };
  const composite = (kind: 'struct' | 'union', name: string, list: readonly Source[]): NewBtfType => ({
    kind,
    name,
    size: 8 * list.length,
    members: list.map((member, i) => ({
      name: `m${i}`,
      type: write(member),
      bitOffset: kind === 'union' ? 0 : 64 * i,
      bitSize: 0,
    })),
  });
  const write = (type: Source): number => {
    if (type.is === 'void') return 0;
    return once(JSON.stringify(type), (): NewBtfType => {
      switch (type.is) {
        case 'void':
        case 'int':
        case 'char':
          return {
            ...{ kind: 'int', name: type.is, size: 4, bits: 32, bitOffset: 0 },
            encoding: type.is === 'char' ? 'char' : 'signed',
          };
        case 'float':
          return { kind: 'float', name: 'float', size: 4 };
        case 'enum':
          return { kind: 'enum', name: 'e', size: 4, signed: false, values: [{ name: 'ONE', value: 1 }] };
        case 'pointer':
          return { kind: 'ptr', name: '', type: write(type.of) };
        case 'const':
        case 'volatile':
          return { kind: type.is, name: '', type: write(type.of) };
        case 'tagged':
          return { kind: 'type_tag', name: 'tag', type: write(type.of), attribute: false };
        case 'array':
          return {
            kind: 'array',
            name: '',
            type: write(type.of),
            indexType: write({ is: 'int' }),
            length: 3,
          };
        case 'typedef':
          return { kind: 'typedef', name: `t${type.number}`, type: write(type.of) };
        case 'function':
          return {
            kind: 'func_proto',
            name: '',
            returnType: write(type.of),
            parameters: type.takes.map((each, i) => ({ name: `p${i}`, type: write(each) })),
          };
        case 'anonymous':
          return composite('struct', '', type.members);
        case 'struct':
        case 'union': {
          const name = `${type.is[0]}${type.number}`;
          if (!isDefined(program, file, type.number)) return { kind: 'fwd', name, of: type.is };
          const members = program.structs[type.number]?.members ?? [];
          return composite(type.is, name, [
            ...members,
            ...(file.differs[type.number] === true ? [{ is: 'char' } as const] : []),
          ]);
        }
      }
    });
  };
  for (const used of file.uses) {
    const type = write(used);
    add({ kind: 'func', name: 'f', type: add(prototype(type)), linkage: 'static' });
    add({ kind: 'decl_tag', name: 'mark', type: first - 1 + types.length, component: -1, attribute: false });
    add({ kind: 'var', name: 'v', type, linkage: 'global' });
  }
}

function prototype(returnType: number): NewBtfType {
  return { kind: 'func_proto', name: '', returnType, parameters: [] };
}

/**
 * The types of all files, one file after the other, as they are before deduplication.
 *
 * @param first - the number of the first type
 */
export function typesOf(program: Program, first = 1): NewBtfType[] {
  const types: NewBtfType[] = [];
  for (const file of program.files) writeFile(program, file, types, first);
  return types;
}
