import type { BtfComposite, BtfFunctionPrototype, BtfType, BtfTypeTag } from '../types.ts';
import type { Layouts, Line } from './layout.ts';
import { identifier, type Names } from './names.ts';
import { enumBody, floatName, intName } from './scalars.ts';

/** The most types within each other without a name between them. */
const MAX_DEPTH = 64;
/**
 * The most steps that one declaration may take. It ends what hostile types expand without end. Real types take
 * thousands.
 */
const MAX_STEPS = 1 << 20;

function tagText({ name, attribute }: BtfTypeTag): string {
  const text = name.replace(/[^ -~]|["\\]/g, '_');
  if (!attribute) return `__attribute__((btf_type_tag("${text}")))`;
  return /^[\w(), ]+$/.test(text) ? `__attribute__((${text}))` : '';
}

/** Writes types as C does: around the name. */
export class Declarations {
  readonly #layouts: Layouts;
  readonly #names: Names;
  /** Anonymous enums whose enumerators are already declared. */
  readonly #declaredEnums = new Set<number>();
  #steps = 0;

  constructor(layouts: Layouts, names: Names) {
    this.#layouts = layouts;
    this.#names = names;
  }

  /** The definition, at the outermost level, of a struct, union or enum with a tag, or of an enum without one. */
  definition(type: BtfType): string {
    this.#steps = 0;
    if (type.kind === 'struct' || type.kind === 'union') {
      return `${type.kind} ${this.#names.tag(type.id)} ${this.#body(type, '', 0)};\n`;
    }
    if (type.kind !== 'enum' && type.kind !== 'enum64')
      throw this.#layouts.error(type.id, `is a ${type.kind}`);
    const tag = type.name === '' ? '' : `${this.#names.tag(type.id)} `;
    // An enum without values was only declared.
    if (type.values.length === 0) return tag === '' ? '' : `enum ${tag.trim()};\n`;
    this.#declaredEnums.add(type.id);
    return `enum ${tag}${enumBody(type, '', (name) => this.#names.enumerator(name))};\n`;
  }

  /** Whether the enumerators of an anonymous enum are declared. */
  declared(id: number): boolean {
    return this.#declaredEnums.has(id);
  }

  typedef(id: number, target: number): string {
    this.#steps = 0;
    return `typedef ${this.#declare(target, this.#names.typedef(id), '', 0)};\n`;
  }

  #step(id: number, depth: number): void {
    this.#steps++;
    if (depth > MAX_DEPTH || this.#steps > MAX_STEPS) {
      throw this.#layouts.error(id, 'types without names are nested without end');
    }
  }

  /** Type and declarator, with a name or without one. */
  #declare(id: number, name: string, indent: string, depth: number): string {
    const { types } = this.#layouts;
    let inner = name;
    let qualifiers = new Set<string>();
    for (let at = id, first = true; ; first = false) {
      this.#step(id, depth);
      const type = types.byId(at);
      switch (type.kind) {
        case 'const':
        case 'volatile':
          qualifiers.add(type.kind);
          at = type.type;
          continue;
        case 'restrict':
          if (this.#layouts.resolve(type.type).kind === 'ptr') qualifiers.add('restrict');
          at = type.type;
          continue;
        case 'type_tag':
          qualifiers.add(tagText(type));
          at = type.type;
          continue;
        case 'ptr': {
          const own = [...qualifiers].filter((text) => text !== '').join(' ');
          qualifiers = new Set();
          inner = `*${own}${own !== '' && inner !== '' ? ' ' : ''}${inner}`;
          at = type.type;
          if (this.#bindsTighter(at)) inner = `(${inner})`;
          continue;
        }
        case 'array':
          inner = `${inner}[${type.length}]`;
          at = type.type;
          continue;
        case 'func_proto':
          inner = `${inner === '' && first ? '()' : inner}(${this.#parameters(type, indent, depth)})`;
          qualifiers = new Set();
          at = type.returnType;
          continue;
        default: {
          const words = [...qualifiers].filter((text) => text !== '');
          words.push(this.#base(type, indent, depth));
          if (inner !== '') words.push(inner);
          return words.join(' ');
        }
      }
    }
  }

  /** Whether the target of a pointer stands to the right of the name. */
  #bindsTighter(id: number): boolean {
    const { types } = this.#layouts;
    let type = types.byId(id);
    while (
      type.kind === 'const' ||
      type.kind === 'volatile' ||
      type.kind === 'restrict' ||
      type.kind === 'type_tag'
    ) {
      this.#step(id, 0);
      type = types.byId(type.type);
    }
    return type.kind === 'array' || type.kind === 'func_proto';
  }

  /** Parameters have no names, because these could hide the types of later parameters. */
  #parameters({ parameters }: BtfFunctionPrototype, indent: string, depth: number): string {
    const texts = parameters.map(({ name, type }, i) => {
      const variadic = type === 0 && name === '' && i === parameters.length - 1;
      return variadic ? '...' : this.#declare(type, '', indent, depth + 1);
    });
    if (texts.length === 1 && texts[0] === '...') return '';
    return texts.length === 0 ? 'void' : texts.join(', ');
  }

  #base(type: BtfType, indent: string, depth: number): string {
    switch (type.kind) {
      case 'void':
        return 'void';
      case 'int':
        return intName(type);
      case 'float':
        return floatName(type);
      case 'typedef':
        return this.#names.typedef(type.id);
      case 'fwd':
        return `${type.of} ${this.#names.tag(type.id)}`;
      case 'struct':
      case 'union':
        if (type.name !== '') return `${type.kind} ${this.#names.tag(type.id)}`;
        return `${type.kind} ${this.#body(type, indent, depth + 1)}`;
      case 'enum':
      case 'enum64':
        if (type.name !== '') return `enum ${this.#names.tag(type.id)}`;
        if (type.values.length > 0 && !this.#declaredEnums.has(type.id)) {
          this.#declaredEnums.add(type.id);
          return `enum ${enumBody(type, indent, (name) => this.#names.enumerator(name))}`;
        }
        return intName({
          ...type,
          kind: 'int',
          encoding: type.signed ? 'signed' : 'unsigned',
          bits: 0,
          bitOffset: 0,
        });
      default:
        throw this.#layouts.error(type.id, `a ${type.kind} is not a C type`);
    }
  }

  /**
   * The type of a member without a name. Standard C allows only structs and unions without a tag there. The kernel is
   * compiled with an extension (-fms-extensions) that allows others too. Those are written out once more.
   */
  #nameless(id: number, indent: string, depth: number): string {
    const type = this.#layouts.resolve(id);
    if ((type.kind !== 'struct' && type.kind !== 'union') || type.name === '') {
      return this.#declare(id, '', indent, depth);
    }
    return `${type.kind} ${this.#body(type, indent, depth + 1)}`;
  }

  #body(type: BtfComposite, indent: string, depth: number): string {
    this.#step(type.id, depth);
    const { lines, packed, aligned } = this.#layouts.plan(type);
    let paddings = 0;
    const texts = lines.map(
      (line) => `${indent}\t${this.#line(line, `${indent}\t`, depth, () => paddings++)}\n`,
    );
    const attributes = [...(packed ? ['packed'] : []), ...(aligned > 0 ? [`aligned(${aligned})`] : [])];
    const suffix = attributes.length === 0 ? '' : ` __attribute__((${attributes.join(', ')}))`;
    return `{\n${texts.join('')}${indent}}${suffix}`;
  }

  #line(line: Line, indent: string, depth: number, number: () => number): string {
    if (line.kind === 'gap') return `long : ${line.bits};`;
    if (line.kind === 'padding') return `unsigned char __padding${number()}[${line.bytes}];`;
    const { name, type, bitOffset } = line.member;
    if (line.kind === 'impossible') {
      return `/* ${identifier(name)} at bit ${bitOffset} cannot be placed there in C */`;
    }
    const declared =
      name === ''
        ? this.#nameless(type, indent, depth)
        : this.#declare(type, identifier(name), indent, depth);
    const width = line.width > 0 ? ` : ${line.width}` : '';
    const align = line.align > 0 ? ` __attribute__((aligned(${line.align})))` : '';
    return `${declared}${width}${align};`;
  }
}
