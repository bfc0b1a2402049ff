import type { BtfComposite, BtfMember, BtfType, BtfTypes } from '../../src/btf/index.ts';
import { ATTRS, type AttrEntry, INFOS, ITER_LINK_INFO, PERF_EVENT_ATTR } from './attr-list.ts';

/** A field as the generated layouts write it. */
interface Field {
  readonly name: string;
  /** Such as `u32(4)`. Empty for a structure. */
  readonly code: string;
  readonly offset: number;
  readonly fields?: readonly Field[];
  readonly size: number;
}

const isComposite = (type: BtfType): type is BtfComposite => type.kind === 'struct' || type.kind === 'union';

function composite(types: BtfTypes, id: number, what: string): BtfComposite {
  const type = types.resolve(id);
  if (!isComposite(type)) throw new Error(`${what} is a ${type.kind}, not a struct or union`);
  return type;
}

/** The fields of a struct or union, including those of its anonymous members. */
function collect(types: BtfTypes, type: BtfComposite, path: string, base = 0): Field[] {
  const fields: Field[] = [];
  for (const member of type.members) {
    const offset = base + Math.floor(member.bitOffset / 8);
    const target = types.resolve(member.type);
    const found =
      member.name === '' && isComposite(target)
        ? collect(types, target, path, offset)
        : [fieldOf(types, member, target, offset, `${path}.${member.name}`)];
    for (const field of found) {
      if (field.name === '') continue; // padding
      if (fields.some(({ name }) => name === field.name)) throw new Error(`${path} has ${field.name} twice`);
      fields.push(field);
    }
  }
  return fields;
}

function fieldOf(types: BtfTypes, member: BtfMember, target: BtfType, offset: number, path: string): Field {
  const { name } = member;
  if (isComposite(target)) {
    return { name, code: '', offset, size: target.size, fields: collect(types, target, path) };
  }
  const size = types.sizeOf(member.type);
  if (member.bitSize > 0) {
    const word = offset - (Math.floor(member.bitOffset / 8) % 4);
    const code = `bits(${word}, ${member.bitOffset % 32}, ${member.bitSize})`;
    return { name, code, offset: word, size: 4 };
  }
  if (target.kind === 'array') {
    const element = types.resolve(target.type);
    const form = element.name === 'char' ? 'text' : 'bytes';
    if (types.sizeOf(element.id) !== 1) throw new Error(`${path} is an array of ${element.name}`);
    return { name, code: `${form}(${offset}, ${size})`, offset, size };
  }
  if (target.kind !== 'int' && target.kind !== 'enum') throw new Error(`${path} is a ${target.kind}`);
  const sign = target.kind === 'int' && target.encoding === 'signed' ? 's' : 'u';
  return { name, code: `${sign}${size * 8}(${offset})`, offset, size };
}

/** Source of a layout, with nested layouts inside it. */
function emitLayout(name: string, size: number, fields: readonly Field[], indent: string): string {
  const lines = fields.map((field) =>
    field.fields === undefined
      ? `${indent}  ${field.name}: ${field.code},`
      : `${indent}  ${field.name}: struct(${field.offset}, ${emitLayout(`${name}.${field.name}`, field.size, field.fields, `${indent}  `)}),`,
  );
  return [`layout('${name}', ${size}, () => ({`, ...lines, `${indent}}))`].join('\n');
}

/** Members of an interface: the input if `input`, otherwise the output. */
function emitMembers(fields: readonly Field[], input: boolean, indent: string): string {
  return fields
    .map((field) => {
      const type =
        field.fields === undefined
          ? valueType(field.code, input)
          : `{\n${emitMembers(field.fields, input, `${indent}  `)}${indent}}`;
      // Structures within a structure depend on its type, so the decoders leave out those that do not apply.
      const optional = input ? '?' : field.fields === undefined ? '' : '?';
      return `${indent}${input ? '' : 'readonly '}${field.name}${optional}: ${type}${optional === '' ? '' : ' | undefined'};\n`;
    })
    .join('');
}

function valueType(code: string, input: boolean): string {
  if (/^[us]64/.test(code)) return input ? 'U64' : 'bigint';
  if (code.startsWith('text')) return input ? 'string | Uint8Array' : 'string';
  if (code.startsWith('bytes')) return 'Uint8Array';
  return 'number';
}

function findPart(types: BtfTypes, union: BtfComposite, entry: AttrEntry): BtfComposite {
  const { find } = entry;
  const parts = union.members.filter((member) => {
    if (typeof find === 'string') return member.name === find;
    if (member.name !== '') return false;
    const fields = collect(types, composite(types, member.type, 'a member'), 'bpf_attr');
    return find.every((wanted) => fields.some(({ name }) => name === wanted));
  });
  const [part] = parts;
  if (part === undefined || parts.length > 1) {
    throw new Error(`bpf_attr has ${parts.length} parts that match ${JSON.stringify(find)}`);
  }
  return composite(types, part.type, `bpf_attr.${part.name}`);
}

function findStruct(types: BtfTypes, name: string): BtfComposite {
  const struct = types.byName(name, 'struct');
  if (struct === undefined) throw new Error(`no struct ${name} in the kernel's BTF`);
  return struct;
}

/** Source of the generated attribute layouts and interfaces. */
export function emitAttrs(types: BtfTypes, commands: readonly string[]): string {
  const union = types.byName('bpf_attr', 'union');
  if (union === undefined) throw new Error("no union bpf_attr in the kernel's BTF");
  const body: string[] = [];
  const owner = new Map<string, AttrEntry>();
  for (const entry of ATTRS) {
    const part = findPart(types, union, entry);
    const name = typeof entry.find === 'string' ? `bpf_attr.${entry.find}` : `bpf_attr (${entry.type})`;
    const fields = collect(types, part, name);
    const used = entry.commands.filter((command) => commands.includes(command));
    for (const command of used) owner.set(command, entry);
    body.push(
      `/** Attributes of ${used.join(', ')}. */`,
      `export interface ${entry.type} {\n${emitMembers(fields, true, '  ')}}\n`,
      `const ${entry.constant}: Layout = ${emitLayout(name, part.size, fields, '')};\n`,
    );
  }
  const orphans = commands.filter((command) => !owner.has(command));
  if (orphans.length > 0) throw new Error(`no attributes known for ${orphans.join(', ')}`);
  const used = commands.flatMap((command) => {
    const entry = owner.get(command);
    return entry === undefined ? [] : [{ command, entry }];
  });
  return [
    `import { type Layout, layout, s32, struct, text, type U64, u32, u64 } from '../layout.ts';\n`,
    '/** Size of `union bpf_attr`: no attributes are larger. */',
    `export const ATTR_MAX_SIZE = ${union.size};\n`,
    ...body,
    '/** The attributes of each bpf(2) command. */',
    'export interface CommandAttrs {',
    ...used.map(({ command, entry }) => `  readonly ${command}: ${entry.type};`),
    '}\n',
    '/** The layout of the attributes of each command. */',
    'export const attrLayouts: { readonly [command in keyof CommandAttrs]: Layout } = {',
    ...used.map(({ command, entry }) => `  ${command}: ${entry.constant},`),
    '};\n',
  ].join('\n');
}

/** Source of the generated layouts and interfaces of the info structures. */
export function emitInfos(types: BtfTypes): string {
  const body: string[] = [];
  for (const { type, constant, name } of INFOS) {
    const struct = findStruct(types, name);
    const fields = collect(types, struct, name);
    body.push(
      `/** Information from the kernel: struct ${name}. */`,
      `export interface ${type} {\n${emitMembers(fields, false, '  ')}}\n`,
      `/** The fields of struct ${name} that may be set before the kernel fills it: buffers and their lengths. */`,
      `export interface ${type}Request {\n${emitMembers(fields, true, '  ')}}\n`,
      `export const ${constant}: Layout = ${emitLayout(name, struct.size, fields, '')};\n`,
    );
  }
  return [
    `import { bits, bytes, type Layout, layout, s32, struct, text, type U64, u32, u64 } from '../layout.ts';\n`,
    ...body,
  ].join('\n');
}

/** Source of the generated layout and interface of what a perf event is opened with. */
export function emitPerfEvent(types: BtfTypes): string {
  const { type, constant, name } = PERF_EVENT_ATTR;
  const struct = findStruct(types, name);
  const fields = collect(types, struct, name).filter((field) => !field.name.startsWith('__reserved'));
  return [
    `import { bits, type Layout, layout, s32, type U64, u16, u32, u64 } from '../layout.ts';\n`,
    `/** What may be set in struct ${name}. */`,
    `export interface ${type} {\n${emitMembers(fields, true, '  ')}}\n`,
    `export const ${constant}: Layout = ${emitLayout(name, struct.size, fields, '')};\n`,
  ].join('\n');
}

/** Source of the generated layout and interface of the parameters of an iterator. */
export function emitIterLinkInfo(types: BtfTypes): string {
  const { type, constant, name } = ITER_LINK_INFO;
  const union = types.byName(name, 'union');
  if (union === undefined) throw new Error(`no union ${name} in the kernel's BTF`);
  const fields = collect(types, union, name);
  return [
    `import { type Layout, layout, struct, type U64, u32, u64 } from '../layout.ts';\n`,
    `/** What may be set in union ${name}. */`,
    `export interface ${type} {\n${emitMembers(fields, true, '  ')}}\n`,
    `export const ${constant}: Layout = ${emitLayout(name, union.size, fields, '')};\n`,
  ].join('\n');
}
